// mrkdwn.js turns Slack's mrkdwn, plain text with emoji, rich_text and Markdown blocks into nodes.
//
// ctx names people and conversations: {user(id), channel(id), openChannel(id), now, tz}.

import { h } from "./dom.js";
import { emoji, show } from "./emoji.js";
import { full, slackDate } from "./time.js";

export const unescape = (s) => s.replace(/&(lt|gt|amp);/g, (_, c) => ({ lt: "<", gt: ">", amp: "&" })[c]);

// link makes an anchor for web and mail addresses; anything else stays text.
export function link(href, label) {
  if (!/^(https?:|mailto:)/i.test(href)) return label || href;
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label || href);
}

export function userMention(id, ctx) {
  const u = ctx.user(id);
  return h("span", { class: "mention" + (id === ctx.me ? " me" : ""), title: u ? u.real_name : id }, "@" + (u ? u.real_name || u.name : id));
}

export function channelMention(id, ctx, label) {
  const c = ctx.channel(id);
  const name = c ? c.name : label;
  if (!name) return h("span", { class: "mention" }, "🔒 private channel");
  return h("button", { type: "button", class: "mention link", onclick: () => ctx.openChannel(id) }, "#" + name);
}

function special(body, ctx) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : unescape(body.slice(bar + 1));
  if (target.startsWith("@")) return userMention(target.slice(1), ctx);
  if (target.startsWith("#")) return channelMention(target.slice(1), ctx, label);
  if (target.startsWith("!date^")) {
    const [, seconds, template, href] = target.split("^");
    if (!/^-?\d+$/.test(seconds) || !template) return label || body;
    const text = slackDate(Number(seconds), unescape(template), ctx.now(), ctx.tz);
    const time = h("time", { datetime: new Date(Number(seconds) * 1000).toISOString(), title: full(new Date(Number(seconds) * 1000), ctx.tz) }, text);
    return href ? link(unescape(href), time) : time;
  }
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label || "@" + target.slice(9));
  if (target.startsWith("!")) return h("span", { class: "mention broadcast" }, "@" + target.slice(1));
  if (!/^(https?:|mailto:)/i.test(target)) return "<" + unescape(body) + ">"; // no reference: it is what somebody wrote
  return link(unescape(target), label || unescape(target).replace(/^mailto:/, ""));
}

const marks = { "*": "strong", "_": "em", "~": "s" };
const wordy = /[\p{L}\p{N}]/u;

// closing finds the end of a run of emphasis that starts at i, or -1.
function closing(s, i) {
  const c = s[i];
  if (i > 0 && wordy.test(s[i - 1]) || s[i + 1] === undefined || /\s/.test(s[i + 1]) || s[i + 1] === c) return -1;
  for (let j = i + 1; j < s.length && s[j] !== "\n"; j++) {
    if (s[j] === "<") { // a reference is one thing
      const end = s.indexOf(">", j);
      if (end > 0) j = end;
      continue;
    }
    if (s[j] === "`") { // and so is code
      const end = s.indexOf("`", j + 1);
      if (end > 0) j = end;
      continue;
    }
    if (s[j] === c && !/\s/.test(s[j - 1]) && !(s[j + 1] !== undefined && wordy.test(s[j + 1]))) return j;
  }
  return -1;
}

// inline renders one piece of escaped mrkdwn without blocks of code or quotes.
export function inline(s, ctx) {
  const out = [];
  let text = "";
  const flush = () => {
    if (text) out.push(unescape(text));
    text = "";
  };
  for (let i = 0; i < s.length; i++) {
    const c = s[i];
    if (c === "<") {
      const end = s.indexOf(">", i);
      if (end > i + 1 && !s.slice(i + 1, end).includes("\n")) {
        flush();
        out.push(special(s.slice(i + 1, end), ctx));
        i = end;
        continue;
      }
    } else if (c === "`") {
      const end = s.indexOf("`", i + 1);
      if (end > i + 1 && !s.slice(i, end).includes("\n")) {
        flush();
        out.push(h("code", {}, unescape(plainReferences(s.slice(i + 1, end)))));
        i = end;
        continue;
      }
    } else if (c === ":") {
      const m = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/.exec(s.slice(i, i + 60));
      if (m && emoji[m[1].replace(/::.*/, "")]) {
        flush();
        out.push(h("span", { class: "emoji", title: ":" + m[1] + ":" }, show(m[1])));
        i += m[0].length - 1;
        continue;
      }
    } else if (marks[c]) {
      const end = closing(s, i);
      if (end > 0) {
        flush();
        out.push(h(marks[c], {}, inline(s.slice(i + 1, end), ctx)));
        i = end;
        continue;
      }
    } else if (c === "\n") {
      flush();
      out.push(h("br"));
      continue;
    }
    text += c;
  }
  flush();
  return out;
}

// plainReferences shows references inside code as what they stand for.
const plainReferences = (s) => s.replace(/<([^<>|\n]+)(?:\|([^<>\n]*))?>/g, (_, target, label) => label || target);

export function pre(text) {
  const code = h("code", {}, text);
  const button = h("button", {
    type: "button", class: "copy", onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        const range = document.createRange();
        range.selectNodeContents(code);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    },
  }, "Copy");
  return h("div", { class: "pre" }, h("pre", { tabindex: "0" }, code), button);
}

// mrkdwn renders a whole text: code blocks, quotes, then lines.
export function mrkdwn(s, ctx) {
  const out = [];
  const pieces = (s || "").split(/```/);
  pieces.forEach((piece, i) => {
    if (i % 2 === 1 && i < pieces.length - 1) {
      out.push(pre(unescape(plainReferences(piece.replace(/^\n|\n$/g, "")))));
      return;
    }
    if (i % 2 === 1) piece = "```" + piece; // never closed
    if (i > 0 && i % 2 === 0) piece = piece.replace(/^\n/, "");
    let quote = [];
    let plain = [];
    const endQuote = () => { if (quote.length) out.push(h("blockquote", {}, inline(quote.join("\n"), ctx))); quote = []; };
    const endPlain = () => { if (plain.length) out.push(h("div", { class: "text" }, inline(plain.join("\n"), ctx))); plain = []; };
    for (const line of piece.split("\n")) {
      const q = /^&gt;\s?(.*)$/.exec(line);
      if (q) { endPlain(); quote.push(q[1]); } else { endQuote(); plain.push(line); }
    }
    endQuote();
    if (plain.join("") !== "" || pieces.length === 1) endPlain();
  });
  return out;
}

// plain renders a plain_text object: emoji and line ends only.
export function plain(s) {
  const out = [];
  (s || "").split("\n").forEach((line, i) => {
    if (i) out.push(h("br"));
    let last = 0;
    for (const m of line.matchAll(/:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/g)) {
      if (!emoji[m[1].replace(/::.*/, "")]) continue;
      out.push(line.slice(last, m.index), h("span", { class: "emoji" }, show(m[1])));
      last = m.index + m[0].length;
    }
    out.push(line.slice(last));
  });
  return out;
}

// text renders a text object of either kind.
export const text = (t, ctx) => !t ? [] : t.type === "mrkdwn" ? mrkdwn(t.text, ctx) : plain(t.text);

// rich renders the elements of a rich_text block.
export function rich(elements, ctx) {
  return (elements || []).map((e) => {
    switch (e.type) {
      case "rich_text_section": return h("div", { class: "text" }, richInline(e.elements, ctx));
      case "rich_text_list": return h(e.style === "ordered" ? "ol" : "ul", { class: "indent" + Math.min(e.indent || 0, 4), start: e.offset ? e.offset + 1 : undefined }, (e.elements || []).map((x) => h("li", {}, richInline(x.elements, ctx))));
      case "rich_text_quote": return h("blockquote", {}, richInline(e.elements, ctx));
      case "rich_text_preformatted": return pre((e.elements || []).map((x) => x.text || x.url || "").join(""));
      default: return h("div", { class: "unknown" }, "[" + e.type + "]");
    }
  });
}

function richInline(elements, ctx) {
  return (elements || []).map((e) => {
    const style = (nodes) => {
      const s = e.style || {};
      let out = nodes;
      if (s.code) out = h("code", {}, out);
      if (s.strike) out = h("s", {}, out);
      if (s.italic) out = h("em", {}, out);
      if (s.bold) out = h("strong", {}, out);
      return out;
    };
    switch (e.type) {
      case "text": return style(String(e.text || "").split("\n").flatMap((line, i) => i ? [h("br"), line] : [line]));
      case "link": return style(link(e.url || "", e.text || e.url));
      case "user": return style(userMention(e.user_id, ctx));
      case "channel": return channelMention(e.channel_id, ctx);
      case "usergroup": return h("span", { class: "mention" }, "@" + e.usergroup_id);
      case "broadcast": return h("span", { class: "mention broadcast" }, "@" + e.range);
      case "emoji": return h("span", { class: "emoji", title: ":" + e.name + ":" }, show(e.name));
      case "date": return h("time", { datetime: new Date(e.timestamp * 1000).toISOString() }, slackDate(e.timestamp, e.format || "{date} {time}", ctx.now(), ctx.tz));
      case "color": return h("code", {}, e.value);
      default: return "[" + e.type + "]";
    }
  });
}

// markdown renders the standard Markdown of a markdown block: headings, lists, quotes, code, tables, emphasis, links.
export function markdown(s, ctx) {
  const lines = (s || "").replace(/\r\n?/g, "\n").split("\n");
  const out = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    let m;
    if ((m = /^\s*(```|~~~)/.exec(line))) {
      const body = [];
      for (i++; i < lines.length && !lines[i].trim().startsWith(m[1]); i++) body.push(lines[i]);
      i++;
      out.push(pre(body.join("\n")));
    } else if ((m = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line))) {
      out.push(h("h" + Math.min(m[1].length + 2, 6), { class: "md-head" }, mdInline(m[2], ctx)));
      i++;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      out.push(h("hr"));
      i++;
    } else if (/^\s*>/.test(line)) {
      const body = [];
      for (; i < lines.length && /^\s*>/.test(lines[i]); i++) body.push(lines[i].replace(/^\s*>\s?/, ""));
      out.push(h("blockquote", {}, markdown(body.join("\n"), ctx)));
    } else if (/^\s*\|.*\|\s*$/.test(line) && /^\s*\|[\s:|-]+\|\s*$/.test(lines[i + 1] || "")) {
      const row = (l) => l.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((c) => c.trim().replace(/\\\|/g, "|"));
      const head = row(line);
      const body = [];
      for (i += 2; i < lines.length && /^\s*\|.*\|\s*$/.test(lines[i]); i++) body.push(row(lines[i]));
      out.push(h("div", { class: "table" }, h("table", {}, h("thead", {}, h("tr", {}, head.map((c) => h("th", {}, mdInline(c, ctx))))), h("tbody", {}, body.map((r) => h("tr", {}, r.map((c) => h("td", {}, mdInline(c, ctx)))))))));
    } else if ((m = /^(\s*)([-*+]|\d+[.)])\s+/.exec(line))) {
      const base = m[1].length, ordered = /\d/.test(m[2]);
      const items = []; // each: its first line, and what is indented under it
      for (; i < lines.length; i++) {
        const item = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/.exec(lines[i]);
        const indent = /^\s*/.exec(lines[i])[0].length;
        if (item && indent < base + 2 && /\d/.test(item[2]) === ordered) items.push({ first: item[3], under: [] });
        else if (lines[i].trim() !== "" && indent >= base + 2 && items.length) items[items.length - 1].under.push(lines[i].slice(base + 2));
        else break;
      }
      out.push(h(ordered ? "ol" : "ul", { start: ordered ? parseInt(m[2], 10) : undefined }, items.map((x) => {
        const box = /^\[([ xX])\]\s+(.*)$/.exec(x.first);
        return h("li", {}, box ? [box[1] === " " ? "☐ " : "☑ ", mdInline(box[2], ctx)] : mdInline(x.first, ctx), x.under.length ? markdown(x.under.join("\n"), ctx) : null);
      })));
    } else if (line.trim() === "") {
      i++;
    } else {
      const body = [];
      for (; i < lines.length && lines[i].trim() !== "" && !/^(\s*(```|~~~|>|[-*+]\s|\d+[.)]\s)|#{1,6}\s)/.test(lines[i]) || body.length === 0; i++) body.push(lines[i]);
      out.push(h("p", {}, body.flatMap((l, n) => n ? [h("br"), ...mdInline(l, ctx)] : mdInline(l, ctx))));
    }
  }
  return out;
}

function mdInline(s, ctx) {
  const re = /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__|\*(?=[^\s*])([\s\S]*?[^\s*])\*|(?<![\p{L}\p{N}])_(?=\S)([\s\S]*?\S)_(?![\p{L}\p{N}])|~~(?=\S)([\s\S]*?\S)~~|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)|<((?:https?:|mailto:)[^<>\s]+)>|<([@#!][^<>\n]+)>|(https?:\/\/[^\s<>)]+)|:([a-z0-9_+'-]+):/u;
  const out = [];
  let rest = s;
  for (let guard = 0; rest && guard < 2000; guard++) {
    const m = re.exec(rest);
    if (!m) break;
    if (m.index) out.push(rest.slice(0, m.index));
    rest = rest.slice(m.index + m[0].length);
    if (m[2] !== undefined) out.push(h("code", {}, m[2].trim()));
    else if (m[3] !== undefined) out.push(h("strong", {}, mdInline(m[3], ctx)));
    else if (m[4] !== undefined) out.push(h("strong", {}, mdInline(m[4], ctx)));
    else if (m[5] !== undefined) out.push(h("em", {}, mdInline(m[5], ctx)));
    else if (m[6] !== undefined) out.push(h("em", {}, mdInline(m[6], ctx)));
    else if (m[7] !== undefined) out.push(h("s", {}, mdInline(m[7], ctx)));
    else if (m[9] !== undefined) out.push(link(m[9], m[8] || m[9]));
    else if (m[10] !== undefined) out.push(link(m[10]));
    else if (m[11] !== undefined) out.push(special(m[11], ctx));
    else if (m[12] !== undefined) out.push(link(m[12]));
    else if (emoji[m[13]]) out.push(h("span", { class: "emoji" }, show(m[13])));
    else out.push(m[0]);
  }
  if (rest) out.push(rest);
  return out;
}
