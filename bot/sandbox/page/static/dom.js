// dom.js builds elements. Text only ever becomes text nodes: nothing here, or anywhere on this page, parses markup.

// h makes an element: h("p", {class: "x", onclick: f}, "text", [more], node).
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key === "value" || key === "checked" || key === "disabled" || key === "selected" || key === "open" || key === "hidden") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

// append adds strings, nodes and nested lists of them.
export function append(node, children) {
  for (const child of Array.isArray(children) ? children : [children]) {
    if (child === undefined || child === null || child === false || child === "") continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

// fill replaces what a node holds.
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

export const $ = (id) => document.getElementById(id);

// keyed keeps the nodes of a list whose signature did not change, so that focus, open menus and half-typed text survive.
export function keyed(box, items, key, signature, render) {
  const old = new Map();
  for (const node of [...box.children]) old.set(node.dataset.key, node);
  let before = null;
  for (const item of items) {
    const k = key(item);
    const sig = signature(item);
    let node = old.get(k);
    if (!node || node.dataset.sig !== sig) {
      const fresh = render(item);
      fresh.dataset.key = k;
      fresh.dataset.sig = sig;
      if (node) node.replaceWith(fresh);
      node = fresh;
    }
    old.delete(k);
    const next = before ? before.nextSibling : box.firstChild;
    if (node !== next) box.insertBefore(node, next);
    before = node;
  }
  for (const node of old.values()) node.remove();
}

// popup makes a menu that opens to the side where there is room, closes when focus leaves it, and on Escape.
export function popup(menu) {
  const summary = menu.querySelector("summary"), list = menu.querySelector(".menu-list");
  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    menu.classList.remove("to-right", "upwards");
    const box = (menu.closest(".messages, .modal-body, #phones") || document.body).getBoundingClientRect();
    if (list.getBoundingClientRect().left < box.left) menu.classList.add("to-right");
    const at = list.getBoundingClientRect();
    if (at.bottom > box.bottom && summary.getBoundingClientRect().top - at.height > box.top) menu.classList.add("upwards");
  });
  menu.addEventListener("focusout", (e) => { if (!menu.contains(e.relatedTarget)) menu.open = false; });
  menu.addEventListener("keydown", (e) => { if (e.key === "Escape" && menu.open) { e.stopPropagation(); menu.open = false; summary.focus(); } });
  return menu;
}
