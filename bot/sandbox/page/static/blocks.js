// blocks.js renders Block Kit. What a person does is handed to ctx.act(element, blockID, value): value is undefined for
// buttons, a string for one choice, a list of strings for several.

import { h, popup } from "./dom.js";
import { markdown, plain, rich, text, link } from "./mrkdwn.js";
import { zonedLocal, zonedSeconds } from "./time.js";

let serial = 0;
const unique = () => "x" + ++serial;
const plainOf = (t) => (t && t.text) || "";

// blocks renders a list of blocks.
export const blocks = (list, ctx) => (list || []).map((b) => block(b, ctx));

function block(b, ctx) {
  switch (b.type) {
    case "header": return h("h3", { class: "b-header" }, plain(plainOf(b.text)));
    case "divider": return h("hr");
    case "section": return section(b, ctx);
    case "context": return h("div", { class: "b-context" }, (b.elements || []).map((e) => e.type === "image" ? image(e) : h("span", {}, text(e, ctx))));
    case "actions": return h("div", { class: "b-actions" }, (b.elements || []).map((e) => element(e, b.block_id, ctx)));
    case "context_actions": return h("div", { class: "b-actions" }, (b.elements || []).map((e) => element(e, b.block_id, ctx)));
    case "image": return h("figure", {}, image(b), b.title ? h("figcaption", {}, plain(plainOf(b.title))) : null);
    case "markdown": return h("div", { class: "b-markdown" }, markdown(b.text, ctx));
    case "rich_text": return h("div", { class: "b-rich" }, rich(b.elements, ctx));
    case "input": return input(b, ctx);
    case "table": return table(b, ctx);
    case "video": return h("div", { class: "b-section" }, "▶ ", link(b.title_url || b.video_url || "", plainOf(b.title)));
    default: return h("div", { class: "unknown" }, "[block of type " + b.type + "]");
  }
}

// image shows the alternative text: this page loads nothing from elsewhere.
const image = (e) => h("span", { class: "image", role: "img", "aria-label": e.alt_text || "image" }, "🖼 " + (e.alt_text || "image"));

function section(b, ctx) {
  return h("div", { class: "b-section" + (b.accessory ? " with-accessory" : "") },
    h("div", { class: "b-main" },
      b.text ? text(b.text, ctx) : null,
      b.fields ? h("div", { class: "b-fields" }, b.fields.map((f) => h("div", {}, text(f, ctx)))) : null),
    b.accessory ? h("div", { class: "b-accessory" }, b.accessory.type === "image" ? image(b.accessory) : element(b.accessory, b.block_id, ctx)) : null);
}

function table(b, ctx) {
  const cell = (c) => c.type === "rich_text" ? rich(c.elements, ctx) : plain(c.text || "");
  return h("div", { class: "table" }, h("table", {}, h("tbody", {}, (b.rows || []).map((row, i) => h("tr", {}, row.map((c) => h(i ? "td" : "th", {}, cell(c))))))));
}

function input(b, ctx) {
  const id = unique();
  const error = ctx.errors && ctx.errors[b.block_id];
  const grouped = ["radio_buttons", "checkboxes"].includes(b.element.type) || b.element.type.startsWith("multi_");
  const label = [plain(plainOf(b.label)), b.optional ? h("span", { class: "dim" }, " (optional)") : null];
  const act = b.dispatch_action ? ctx.act : null;
  const described = [b.hint ? id + "h" : "", error ? id + "e" : ""].filter(Boolean).join(" ");
  const body = [
    control(b.element, b.block_id, { ...ctx, act, id, described, invalid: !!error, required: !b.optional }),
    b.hint ? h("div", { class: "hint", id: id + "h" }, plain(plainOf(b.hint))) : null,
    error ? h("div", { class: "error", id: id + "e", role: "alert" }, error) : null,
  ];
  return grouped
    ? h("fieldset", { class: "b-input" + (error ? " bad" : "") }, h("legend", {}, label), body)
    : h("div", { class: "b-input" + (error ? " bad" : "") }, h("label", { for: id }, label), body);
}

// element renders what stands in actions blocks and accessories.
function element(e, blockID, ctx) {
  switch (e.type) {
    case "button":
    case "workflow_button": return button(e, blockID, ctx);
    case "overflow": return overflow(e, blockID, ctx);
    case "image": return image(e);
    case "feedback_buttons":
    case "icon_button": return h("button", { type: "button", disabled: true }, plainOf(e.text) || e.type);
    default: return control(e, blockID, { ...ctx, bare: true });
  }
}

async function acted(ctx, node, e, blockID, value, undo) {
  if (!ctx.act) return;
  if (e.confirm && !(await ctx.confirm(e.confirm))) {
    if (undo) undo();
    return;
  }
  node.setAttribute("aria-busy", "true");
  try {
    await ctx.act(e, blockID, value);
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function button(e, blockID, ctx) {
  const cls = "b-button " + (e.style === "primary" ? "primary" : e.style === "danger" ? "danger" : "");
  const node = h("button", { type: "button", class: cls, "aria-label": e.accessibility_label || undefined, dataset: { action: e.action_id || "" } }, plain(plainOf(e.text)), e.url ? h("span", { class: "dim", "aria-hidden": "true" }, " ↗") : null);
  node.addEventListener("click", async () => {
    if (e.url && /^https?:/i.test(e.url)) window.open(e.url, "_blank", "noopener,noreferrer");
    await acted(ctx, node, e, blockID, undefined);
  });
  return node;
}

function overflow(e, blockID, ctx) {
  const menu = h("details", { class: "menu" });
  append(menu, h("summary", { "aria-label": "More actions" }, "⋯"), h("div", { class: "menu-list" }, (e.options || []).map((o) => {
    const item = h("button", { type: "button" }, plain(plainOf(o.text)), o.description ? h("small", {}, plain(plainOf(o.description))) : null);
    item.addEventListener("click", async () => {
      menu.open = false;
      if (o.url && /^https?:/i.test(o.url)) window.open(o.url, "_blank", "noopener,noreferrer");
      await acted(ctx, menu, e, blockID, o.value);
    });
    return item;
  })));
  return popup(menu);
}
const append = (node, ...children) => { node.append(...children); return node; };

const allOptions = (e) => e.options || (e.option_groups || []).flatMap((g) => g.options || []);

// control renders an element that holds a value. The node (or a node in it) is marked with data-block, data-action and
// data-kind, by which collect finds it again.
function control(e, blockID, ctx) {
  const mark = (kind) => ({ block: blockID || "", action: e.action_id || "", kind });
  const held = ctx.state && ctx.state[blockID] && ctx.state[blockID][e.action_id];
  const label = ctx.bare ? plainOf(e.placeholder) || e.action_id : undefined;
  const common = { id: ctx.id, "aria-describedby": ctx.described || undefined, "aria-invalid": ctx.invalid ? "true" : undefined, "aria-label": label, "aria-required": ctx.required ? "true" : undefined };
  const fire = (node, value, undo) => acted(ctx, node, e, blockID, value, undo);
  const field = (type, value, extra) => {
    const node = h("input", { ...common, type, value: value ?? "", placeholder: plainOf(e.placeholder) || undefined, dataset: mark("text"), ...extra });
    node.addEventListener(type === "date" || type === "time" ? "change" : "keydown", (ev) => {
      if (ev.type === "change") fire(node, node.value);
      else if (ev.key === "Enter") { ev.preventDefault(); if (ctx.act) fire(node, node.value); else node.form && node.form.requestSubmit(); }
    });
    return node;
  };
  switch (e.type) {
    case "plain_text_input": {
      const value = held ? held.value : e.initial_value;
      if (!e.multiline) return field("text", value, { maxlength: e.max_length, minlength: e.min_length });
      const node = h("textarea", { ...common, rows: 4, maxlength: e.max_length, placeholder: plainOf(e.placeholder) || undefined, dataset: mark("text") });
      node.value = value || "";
      return node;
    }
    case "rich_text_input": {
      const node = h("textarea", { ...common, rows: 4, placeholder: plainOf(e.placeholder) || undefined, dataset: mark("text") });
      node.value = flat(held ? held.rich_text_value : e.initial_value);
      return node;
    }
    case "email_text_input": return field("email", held ? held.value : e.initial_value);
    case "url_text_input": return field("url", held ? held.value : e.initial_value);
    case "number_input": return field("text", held ? held.value : e.initial_value, { inputmode: e.is_decimal_allowed ? "decimal" : "numeric" });
    case "datepicker": return field("date", held ? held.selected_date : e.initial_date);
    case "timepicker": return field("time", held ? held.selected_time : e.initial_time);
    case "datetimepicker": {
      const seconds = held ? held.selected_date_time : e.initial_date_time;
      const node = h("input", { ...common, type: "datetime-local", value: seconds ? zonedLocal(seconds, ctx.tz) : "", dataset: { ...mark("datetime"), tz: ctx.tz } });
      node.addEventListener("change", () => fire(node, zonedSeconds(node.value, ctx.tz)));
      return node;
    }
    case "static_select": return select(e, common, mark("text"), fire, (held ? held.selected_option : e.initial_option)?.value, groups(e));
    case "users_select": return select(e, common, mark("text"), fire, held ? held.selected_user : e.initial_user, people(ctx));
    case "channels_select": return select(e, common, mark("text"), fire, held ? held.selected_channel : e.initial_channel, conversations(ctx, ["public"]));
    case "conversations_select": return select(e, common, mark("text"), fire, (held ? held.selected_conversation : e.initial_conversation) || (e.default_to_current_conversation && ctx.here) || undefined, conversations(ctx, e.filter && e.filter.include));
    case "external_select":
    case "multi_external_select":
    case "file_input": return h("span", { class: "unknown" }, "[" + e.type + " is not part of this sandbox]");
    case "radio_buttons": return choices(e, "radio", mark("one"), fire, new Set([(held ? held.selected_option : e.initial_option)?.value]), allOptions(e), ctx);
    case "checkboxes": return choices(e, "checkbox", mark("many"), fire, new Set(((held ? held.selected_options : e.initial_options) || []).map((o) => o.value)), allOptions(e), ctx);
    case "multi_static_select": return multi(e, mark("many"), fire, (held ? held.selected_options : e.initial_options || []).map((o) => o.value), allOptions(e), ctx);
    case "multi_users_select": return multi(e, mark("many"), fire, held ? held.selected_users : e.initial_users, flatGroups(people(ctx)), ctx);
    case "multi_channels_select": return multi(e, mark("many"), fire, held ? held.selected_channels : e.initial_channels, flatGroups(conversations(ctx, ["public"])), ctx);
    case "multi_conversations_select": return multi(e, mark("many"), fire, held ? held.selected_conversations : e.initial_conversations, flatGroups(conversations(ctx, e.filter && e.filter.include)), ctx);
    default: return h("span", { class: "unknown" }, "[" + e.type + "]");
  }
}

const flat = (r) => !r ? "" : (r.elements || []).map((s) => (s.elements || []).map((x) => x.text || "").join("")).join("\n");
const flatGroups = (gs) => gs.flatMap((g) => g.options);
const groups = (e) => e.option_groups ? e.option_groups.map((g) => ({ label: plainOf(g.label), options: g.options })) : [{ label: "", options: e.options || [] }];
const option = (value, name) => ({ value, text: { type: "plain_text", text: name } });
const people = (ctx) => [{ label: "", options: ctx.people().filter((u) => !u.deleted).map((u) => option(u.id, (u.real_name || u.name) + (u.bot ? " (app)" : ""))) }];

function conversations(ctx, include) {
  const kinds = { public_channel: "public", private_channel: "private", im: "im", mpim: "mpim" };
  return [{ label: "", options: ctx.channels().filter((c) => !c.archived && (!include || include.includes(kinds[c.kind]))).map((c) => option(c.id, c.label)) }];
}

function select(e, common, dataset, fire, chosen, gs) {
  const opt = (o) => h("option", { value: o.value, selected: o.value === chosen }, plainOf(o.text));
  const node = h("select", { ...common, dataset },
    h("option", { value: "" }, plainOf(e.placeholder) || "Choose…"),
    gs.map((g) => g.label ? h("optgroup", { label: g.label }, (g.options || []).map(opt)) : (g.options || []).map(opt)));
  let before = node.value;
  node.addEventListener("change", () => {
    fire(node, node.value, () => { node.value = before; });
    before = node.value;
  });
  return node;
}

function choices(e, type, dataset, fire, chosen, options, ctx) {
  const name = unique();
  const box = h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", "aria-label": ctx.bare ? e.action_id : undefined, dataset }, options.map((o) =>
    h("label", {}, h("input", { type, name, value: o.value, checked: chosen.has(o.value) }),
      h("span", {}, text(o.text, ctx), o.description ? h("small", {}, text(o.description, ctx)) : null))));
  box.addEventListener("change", () => fire(box, valueOf(box)));
  return box;
}

function multi(e, dataset, fire, chosen, options, ctx) {
  const set = new Set(chosen || []);
  const label = () => {
    const names = options.filter((o) => set.has(o.value)).map((o) => plainOf(o.text));
    return names.length ? names.join(", ") : plainOf(e.placeholder) || "Choose…";
  };
  const summary = h("summary", {}, label());
  const box = choices(e, "checkbox", dataset, () => {}, set, options, ctx);
  const menu = h("details", { class: "multi" }, summary, box);
  box.addEventListener("change", (ev) => {
    if (ev.target.checked) set.add(ev.target.value); else set.delete(ev.target.value);
    if (e.max_selected_items && set.size > e.max_selected_items) { set.delete(ev.target.value); ev.target.checked = false; }
    summary.textContent = label();
    fire(box, [...set]);
  });
  return menu;
}

function valueOf(node) {
  switch (node.dataset.kind) {
    case "one": { const c = node.querySelector("input:checked"); return c ? c.value : ""; }
    case "many": return [...node.querySelectorAll("input:checked")].map((c) => c.value);
    case "datetime": return node.value ? zonedSeconds(node.value, node.dataset.tz) : "";
    default: return node.value;
  }
}

// collect reads every value of a form: block_id, action_id, value.
export function collect(root) {
  const out = {};
  for (const node of root.querySelectorAll("[data-kind]")) {
    const { block: b, action: a } = node.dataset;
    (out[b] ||= {})[a] = valueOf(node);
  }
  return out;
}

// restore puts values back that were collected before a form was drawn again.
export function restore(root, values) {
  for (const node of root.querySelectorAll("[data-kind]")) {
    const value = values[node.dataset.block]?.[node.dataset.action];
    if (value === undefined) continue;
    if (node.dataset.kind === "one") for (const i of node.querySelectorAll("input")) i.checked = i.value === value;
    else if (node.dataset.kind === "many") for (const i of node.querySelectorAll("input")) i.checked = value.includes(i.value);
    else if (node.dataset.kind === "datetime") node.value = value ? zonedLocal(Number(value), node.dataset.tz) : "";
    else node.value = value;
  }
}
