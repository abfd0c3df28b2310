// app.js is the page: what is read, what is drawn, what a person does.

import { $, fill, h, keyed, popup } from "./dom.js";
import { del, get, listen, part, patch, post } from "./api.js";
import { blocks, collect, restore } from "./blocks.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { reactions, show } from "./emoji.js";
import { clock, clockSeconds, day, full, tsDate } from "./time.js";

const state = {
  people: [], byID: new Map(), commands: [], channels: [], me: "", channel: "", // channel "" is Home
  messages: [], ephemerals: [], thread: "", views: [], home: null, incidents: [], rings: [],
  read: {}, opened: "", // person -> channel -> ts; what was there when the page was opened counts as read
  now: new Date(), nowAt: Date.now(), status: null, hash: "",
};

const me = () => state.byID.get(state.me);
const tz = () => (me() && me().tz) || "UTC";
const now = () => new Date(state.now.getTime() + (Date.now() - state.nowAt));
const nameOf = (id) => { const u = state.byID.get(id); return u ? u.real_name || u.name : id; };
const channelOf = (id) => state.channels.find((c) => c.id === id);

// ---- notices ---------------------------------------------------------------------------------------------------------

let noticeTimer;
function notice(text, act) {
  fill($("notice"), text, act ? " " : null, act || null);
  $("notice").classList.toggle("news", !!act);
  $("notice").hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { $("notice").hidden = true; }, act ? 30000 : 8000);
}

// added says that somebody brought this person into a channel, which a list of names would not make plain.
function added(c) {
  notice("You were added to " + c.label + ".", h("button", { type: "button", class: "link", onclick: () => { $("notice").hidden = true; openChannel(c.id); } }, "Open it"));
}

// outcome says what a person would see when an app did not answer.
function outcome(o, what) {
  if (o.status && o.status !== "ok") notice(what + " did not work: " + o.status + (o.detail ? " (" + o.detail + ")" : ""));
  return o;
}

// tried runs an act and shows its refusal.
async function tried(f) {
  try { return await f(); } catch (err) { notice(err.message); }
}

// ---- reading ---------------------------------------------------------------------------------------------------------

async function readSession() {
  const s = await get("session");
  state.people = s.people;
  state.byID = new Map(s.people.map((p) => [p.id, p]));
  state.commands = s.commands;
  setClock(s.clock);
  state.opened = String(Math.floor(new Date(s.clock).getTime() / 1000)) + ".000000";
  document.title = s.team + " sandbox";
  // the least severe first: fewest people are rung at once, so that the ladder is still to be climbed
  const mild = (a) => ["info", "warning", "error", "critical"].indexOf(a.severity);
  fill($("alert"), [...s.alerts].sort((a, b) => mild(a) - mild(b)).map((a) => h("option", { value: a.name, title: a.summary }, a.name)));
  const wanted = decodeURIComponent(location.hash.slice(1).split("/")[0] || "");
  const actors = state.people.filter((p) => !p.bot);
  const first = actors.find((p) => p.id === wanted || p.role === wanted) || actors.find((p) => p.role === "primary") || actors[0];
  fill($("person"), actors.map((p) => h("option", { value: p.id }, p.title ? p.title + " · " + p.real_name.split(" ")[0] : p.real_name)));
  $("person").value = first.id;
  state.me = first.id;
  drawRole();
}

const drawRole = () => { const p = me(); $("role").textContent = [p.real_name, p.tz].filter(Boolean).join(" · "); };

function setClock(iso) {
  state.now = new Date(iso);
  state.nowAt = Date.now();
  drawClock();
}

async function readStatus() {
  state.status = await read("status");
  setClock(state.status.clock);
  drawStatus();
}

async function readChannels() {
  const who = state.me;
  const list = await read("people/" + part(who) + "/channels");
  if (who !== state.me) return;
  const before = state.channels, same = state.channelsOf === who;
  state.channels = list.map((c) => ({ ...c, label: labelOf(c) }));
  state.channelsOf = who;
  if (same) for (const c of state.channels) if (c.member && !c.archived && c.creator !== who && c.id !== state.joining && c.kind !== "im" && !before.some((b) => b.id === c.id && b.member)) added(c);
  if (state.channel && !channelOf(state.channel)) state.channel = (state.channels.find((c) => c.member) || { id: "" }).id;
  drawChannels();
  drawHead();
}

function labelOf(c) {
  if (c.kind === "im") return nameOf(c.members.find((m) => m !== state.me) || state.me);
  if (c.kind === "mpim") return c.members.filter((m) => m !== state.me).map(nameOf).join(", ");
  return "#" + c.name;
}

async function readMessages() {
  const { channel, me } = state;
  if (!channel) return;
  const m = await read("channels/" + part(channel) + "/messages?limit=2000&as=" + part(me));
  if (channel !== state.channel || me !== state.me) return;
  state.messages = m.messages;
  state.ephemerals = m.ephemerals;
  drawMessages();
}

async function readViews() {
  const who = state.me;
  const v = await read("people/" + part(who) + "/views");
  if (who !== state.me) return;
  state.views = v;
  drawModal();
}

async function readHome() {
  const who = state.me;
  const v = await read("people/" + part(who) + "/home");
  if (who !== state.me) return;
  state.home = v.view;
  if (!state.channel) drawHome();
}

async function readPages() {
  const before = state.rings.length;
  const p = await read("pages");
  state.incidents = p.incidents;
  state.rings = p.rings;
  drawPhones(before);
}

// A press counts where it began and ended on the same element: nothing is drawn anew between the two, or a click on what just changed would
// be lost. A press that lasts, such as that of somebody who marks text, holds nothing up for long.
const longestPress = 2000; // ms
let released = Promise.resolve(), release = () => {};
document.addEventListener("pointerdown", () => {
  release();
  released = new Promise((done) => { release = done; });
  setTimeout(release, longestPress);
}, true);
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(release, 20), true); // the click comes after it

// read gets what is to be drawn, and comes back when it can be.
async function read(path) {
  const data = await get(path);
  await released;
  return data;
}

// stale collects what changed and reads it once. What could not be read is read again a little later.
const retryAfter = 1000; // ms
const stale = new Set();
let reading = false;
function again(what) {
  stale.add(what);
  if (reading) return;
  reading = true;
  setTimeout(async () => {
    while (stale.size) {
      const todo = [...stale];
      stale.clear();
      for (const what of todo) await readers[what]().catch((err) => { console.error(what, err); setTimeout(again, retryAfter, what); });
    }
    reading = false;
  }, 30);
}
const readers = { status: readStatus, channels: readChannels, messages: readMessages, views: readViews, home: readHome, pages: readPages };
const all = () => Object.keys(readers).forEach(again);

function changed(e) {
  if (e.clock) setClock(e.clock);
  if (e.source === "clock") { again("pages"); again("status"); return; }
  if (e.source === "pagerduty") { again(e.kind === "fault" ? "status" : "pages"); return; }
  if (e.source !== "slack") return;
  switch (e.kind) {
    case "message": again("channels"); if (e.channel === state.channel) again("messages"); break;
    case "ephemeral": if (e.user === state.me) again("messages"); break;
    case "channel": again("channels"); if (e.channel === state.channel) again("messages"); break;
    case "view": if (e.user === state.me) again("views"); break;
    case "home": if (e.user === state.me) again("home"); break;
    case "connection": case "fault": again("status"); break;
    default: all();
  }
}

// ---- drawing ---------------------------------------------------------------------------------------------------------

function drawClock() {
  const t = now();
  $("clock").textContent = clockSeconds(t, tz());
  $("clock").title = full(t, tz()) + " (the sandbox's clock)";
}

function drawStatus() {
  const s = state.status;
  const slack = s.slack.down;
  $("slack-switch").setAttribute("aria-pressed", String(slack));
  $("slack-switch").textContent = slack ? "Slack is DOWN" : "Slack is up";
  $("slack-switch").title = slack ? "Apps cannot reach Slack; people still write. Press to bring it up." : "Press to cut apps off from Slack";
  $("pager-switch").setAttribute("aria-pressed", String(s.pagerduty.down));
  $("pager-switch").textContent = s.pagerduty.down ? "PagerDuty is DOWN" : "PagerDuty is up";
  $("pager-switch").title = s.pagerduty.down ? "No page goes out. Press to bring it up." : "Press to take PagerDuty down";
  $("sockets").textContent = s.connections ? "app connected" : "no app connected";
  $("sockets").classList.toggle("bad", !s.connections);
}

function drawChannels() {
  const joined = state.channels.filter((c) => c.member && !c.archived);
  const line = (c) => {
    const seen = (state.read[state.me] || {})[c.id] || state.opened;
    const unread = c.id !== state.channel && !!c.last_ts && order(c.last_ts, seen) > 0;
    const pinged = c.id !== state.channel && (c.kind === "im" ? unread : !!c.last_mention_ts && order(c.last_mention_ts, seen) > 0);
    return h("button", { type: "button", title: c.label, class: "channel" + (unread ? " unread" : ""), "aria-current": c.id === state.channel ? "page" : undefined, onclick: () => openChannel(c.id) },
      h("span", { class: "name" }, c.kind === "private_channel" ? "🔒" + c.name : c.kind === "im" ? [h("span", { class: "dot", "aria-hidden": "true" }, "●"), " " + c.label] : "# " + c.name),
      pinged ? h("span", { class: "badge", "aria-label": "mentions you" }, "@") : null,
      unread && !pinged ? h("span", { class: "hidden" }, " (unread)") : null);
  };
  const group = (title, list) => list.length ? h("div", { class: "channel-group" }, h("h2", {}, title), list.map(line)) : null;
  const others = state.channels.filter((c) => !c.member && c.kind === "public_channel");
  const archived = state.channels.filter((c) => c.member && c.archived);
  const withDM = new Set(joined.filter((c) => c.kind === "im").flatMap((c) => c.members));
  const strangers = state.people.filter((p) => p.id !== state.me && !withDM.has(p.id));
  const held = document.activeElement && document.activeElement.closest("#channels") && document.activeElement.textContent;
  const open = [...$("channels").querySelectorAll("details")].filter((d) => d.open).map((d) => d.dataset.name);
  fill($("channels"),
    h("button", { type: "button", class: "channel home", "aria-current": state.channel === "" ? "page" : undefined, onclick: () => openChannel("") }, h("span", { class: "name" }, "⌂ App home")),
    group("Channels", joined.filter((c) => c.kind === "public_channel" || c.kind === "private_channel")),
    group("Direct messages", joined.filter((c) => c.kind === "im" || c.kind === "mpim")),
    others.length ? h("details", { dataset: { name: "join" }, open: open.includes("join") }, h("summary", {}, "Join a channel"), others.map((c) => h("button", { type: "button", class: "channel", disabled: c.archived, onclick: () => join(c) }, h("span", { class: "name" }, "# " + c.name + (c.archived ? " (archived)" : ""))))) : null,
    strangers.length ? h("details", { dataset: { name: "dm" }, open: open.includes("dm") }, h("summary", {}, "Write to someone"), strangers.map((p) => h("button", { type: "button", class: "channel", onclick: () => direct(p) }, h("span", { class: "name" }, p.real_name + (p.bot ? " (app)" : ""))))) : null,
    archived.length ? h("details", { dataset: { name: "archived" }, open: open.includes("archived") }, h("summary", {}, "Archived"), archived.map(line)) : null);
  if (held) for (const b of $("channels").querySelectorAll("button")) if (b.textContent === held) { b.focus(); break; }
}

const context = (extra) => ({
  me: state.me, tz: tz(), now, here: state.channel,
  user: (id) => state.byID.get(id), channel: channelOf, openChannel,
  people: () => state.people, channels: () => state.channels.filter((c) => c.member || c.kind === "public_channel"),
  confirm: confirmed, ...extra,
});

function drawHead() {
  const c = channelOf(state.channel);
  $("composer").hidden = !c || !c.member || c.archived;
  if (!c) {
    fill($("channel-head"), h("h1", {}, "App home"));
    fill($("pinned"));
    return;
  }
  document.title = c.label + " · sandbox";
  $("composer-text").placeholder = "Message " + c.label;
  const names = c.members.map(nameOf);
  fill($("channel-head"),
    h("h1", {}, c.label),
    c.archived ? h("span", { class: "chip bad" }, "archived") : null,
    c.topic ? h("div", { class: "topic", title: c.topic }, mrkdwn(c.topic, context())) : null,
    h("div", { class: "facts" },
      c.kind === "im" ? null : popup(h("details", { class: "menu" }, h("summary", { title: "Members" }, "👥 " + c.members.length + " members"), h("div", { class: "menu-list people" }, names.map((n) => h("span", {}, n))))),
      (c.bookmarks || []).map((b) => /^https?:/i.test(b.link) ? h("a", { href: b.link, target: "_blank", rel: "noopener noreferrer" }, (b.emoji ? show(b.emoji.replace(/:/g, "")) + " " : "🔖 ") + b.title) : null),
      !c.member && !c.archived ? h("button", { type: "button", class: "primary", onclick: () => join(c) }, "Join") : null));
  drawPinned();
}

function drawPinned() {
  const c = channelOf(state.channel);
  const pins = c ? c.pins || [] : [];
  if (!pins.length) { fill($("pinned")); return; }
  const open = $("pinned").querySelector("details")?.open;
  const list = pins.map((p) => state.messages.find((m) => m.ts === p.ts)).filter(Boolean);
  fill($("pinned"), h("details", { class: "pins", open }, h("summary", {}, "📌 " + pins.length + " pinned"),
    list.map((m) => h("button", { type: "button", class: "pin", onclick: () => goTo(m.ts) }, h("strong", {}, authorOf(m)), " ", plain((m.text || "").split("\n")[0].slice(0, 160) || "(a card)")))));
}

function goTo(ts) {
  const node = $("messages").querySelector('[data-key="' + CSS.escape(ts) + '"]');
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.add("flash");
  setTimeout(() => node.classList.remove("flash"), 1500);
}

const authorOf = (m) => m.username || nameOf(m.user);
const systemTypes = new Set(["channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive", "channel_unarchive", "pinned_item", "group_join", "group_leave", "group_topic", "group_purpose", "group_name", "group_archive", "group_unarchive"]);

function drawMessages() {
  if (!state.channel) return;
  const box = $("messages");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80 || box.dataset.channel !== state.me + state.channel;
  const shown = state.messages.filter((m) => !m.deleted || m.reply_count).filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.broadcast);
  const items = [...shown, ...state.ephemerals.filter((m) => !m.thread_ts)].sort((a, b) => order(a.ts, b.ts));
  const rows = [];
  let lastDay = "", last = null;
  for (const m of items) {
    const d = day(tsDate(m.ts), tz());
    if (d !== lastDay) { rows.push({ key: "day " + d, day: d }); last = null; }
    lastDay = d;
    const small = last && last.user === m.user && last.username === m.username && !systemTypes.has(last.subtype) && !systemTypes.has(m.subtype) && !m.ephemeral && !last.ephemeral && tsDate(m.ts) - tsDate(last.ts) < 300000;
    rows.push({ key: m.ts, m, small });
    last = m;
  }
  keyed(box, rows, (r) => r.key, (r) => r.day ? "" : signature(r.m) + (r.small ? "s" : ""), (r) => r.day ? h("div", { class: "day" }, h("span", {}, r.day)) : row(r.m, r.small, false));
  if (!rows.length) box.append(h("p", { class: "empty dim", dataset: { key: "empty" } }, "Nothing has been said here yet."));
  box.dataset.channel = state.me + state.channel;
  if (atEnd) box.scrollTop = box.scrollHeight;
  drawThread();
  drawPinned();
  markRead();
}

// order compares timestamps without parsing them into numbers.
const order = (a, b) => a === b ? 0 : a.padStart(20, "0") < b.padStart(20, "0") ? -1 : 1;
const signature = (m) => JSON.stringify(m) + state.me + tz() + state.people.length + state.channels.length;

function markRead() {
  const c = channelOf(state.channel);
  if (!c) return;
  const read = (state.read[state.me] ||= {});
  const last = state.messages.reduce((t, m) => (order(m.ts, t) > 0 ? m.ts : t), read[c.id] || state.opened);
  if (read[c.id] !== last) { read[c.id] = last; drawChannels(); }
}

function row(m, small, inThread) {
  const ctx = context({ act: (e, block, value) => act(m, e, block, value) });
  if (systemTypes.has(m.subtype)) {
    return h("div", { class: "message system" }, h("div", { class: "gutter" }), h("div", { class: "body" }, h("strong", {}, nameOf(m.user)), " ", systemText(m, ctx), " ", stampOf(m)));
  }
  const own = m.user === state.me && !m.bot_id;
  const body = h("div", { class: "body" },
    m.ephemeral ? h("div", { class: "only-you" }, "Only visible to you · ", h("button", { type: "button", class: "link", onclick: () => tried(() => del("people/" + part(state.me) + "/ephemerals/" + part(m.ts))) }, "Dismiss")) : null,
    m.broadcast && !inThread ? h("div", { class: "dim small" }, "replied to a thread") : null,
    small ? null : h("div", { class: "who" }, h("strong", {}, authorOf(m)), m.bot_id ? h("span", { class: "app" }, "APP") : null, " ", stampOf(m)),
    m.deleted ? h("em", { class: "dim" }, "This message was deleted.") : content(m, ctx),
    (m.files || []).map((f) => h("div", { class: "file" }, "📎 " + f.name + " · " + f.size + " bytes")),
    reactionsOf(m),
    m.reply_count && !inThread ? h("button", { type: "button", class: "replies link", onclick: () => openThread(m.ts) }, m.reply_count + (m.reply_count === 1 ? " reply" : " replies"), m.latest_reply ? h("span", { class: "dim" }, " last at " + clock(tsDate(m.latest_reply), tz())) : null) : null);
  if (m.edited_ts && !m.deleted) {
    const texts = body.querySelectorAll(":scope > .text");
    (texts[texts.length - 1] || body).append(h("span", { class: "dim small", title: full(tsDate(m.edited_ts), tz()) }, " (edited)"));
  }
  return h("div", { class: "message" + (small ? " small-row" : "") + (m.ephemeral ? " ephemeral" : "") + (m.pinned ? " pinned-message" : "") + ((m.notified || []).includes(state.me) ? " notifies" : ""), tabindex: "-1" },
    h("div", { class: "gutter" }, small ? stampOf(m) : avatar(m)), body,
    m.ephemeral || m.deleted ? null : tools(m, own, inThread, body));
}

const stampOf = (m) => h("time", { class: "stamp", datetime: tsDate(m.ts).toISOString(), title: full(tsDate(m.ts), tz()) }, clock(tsDate(m.ts), tz()));

function avatar(m) {
  const name = authorOf(m);
  const icon = m.icon_emoji && show(m.icon_emoji.replace(/:/g, ""));
  const hue = [...(m.user || name)].reduce((n, c) => (n * 31 + c.charCodeAt(0)) % 8, 0);
  return h("span", { class: "avatar hue" + hue, "aria-hidden": "true" }, icon || name.split(/[\s.]+/).slice(0, 2).map((w) => w[0] || "").join("").toUpperCase());
}

function systemText(m, ctx) {
  switch (m.subtype.replace(/^group_/, "channel_")) {
    case "channel_join": return m.inviter ? "was added by " + nameOf(m.inviter) : "joined";
    case "channel_leave": return "left";
    case "channel_topic": return m.topic ? ["set the topic: ", mrkdwn(m.topic, ctx)] : "cleared the topic";
    case "channel_purpose": return m.purpose ? ["set the purpose: ", mrkdwn(m.purpose, ctx)] : "cleared the purpose";
    case "channel_name": return "renamed the channel from " + m.old_name + " to " + m.name;
    case "channel_archive": return "archived the channel";
    case "channel_unarchive": return "unarchived the channel";
    default: return m.text || m.subtype;
  }
}

// content shows the blocks where an app sent some; what a person typed is shown from its text.
function content(m, ctx) {
  const out = [];
  if (m.blocks && m.blocks.length && m.bot_id) out.push(h("div", { class: "blocks" }, blocks(m.blocks, ctx)));
  else out.push(mrkdwn(m.text, ctx));
  for (const a of m.attachments || []) {
    const color = { good: "good", warning: "warning", danger: "danger" }[a.color] || "plain";
    out.push(h("div", { class: "attachment " + color }, a.pretext ? mrkdwn(a.pretext, ctx) : null, a.title ? h("strong", {}, mrkdwn(a.title, ctx)) : null, a.blocks ? blocks(a.blocks, ctx) : a.text ? mrkdwn(a.text, ctx) : a.fallback ? plain(a.fallback) : null,
      (a.fields || []).map((f) => h("div", {}, h("strong", {}, f.title), " ", mrkdwn(String(f.value ?? ""), ctx))), a.footer ? h("div", { class: "dim small" }, a.footer) : null));
  }
  return out;
}

function reactionsOf(m) {
  if (!m.reactions || !m.reactions.length) return null;
  return h("div", { class: "reactions" }, m.reactions.map((r) => {
    const mine = r.users.includes(state.me);
    return h("button", { type: "button", "aria-pressed": String(mine), title: r.users.map(nameOf).join(", ") + " reacted with :" + r.name + ":", onclick: () => react(m, r.name, mine) }, show(r.name) + " " + r.users.length);
  }));
}

function tools(m, own, inThread, body) {
  const pick = h("details", { class: "menu" }, h("summary", { "aria-label": "React", title: "React" }, "☺"), h("div", { class: "menu-list row" }, reactions.map((r) => h("button", { type: "button", "aria-label": r, onclick: () => { pick.open = false; react(m, r, false); } }, show(r)))));
  popup(pick);
  return h("div", { class: "tools", role: "group", "aria-label": "Actions on this message" }, pick,
    inThread ? null : h("button", { type: "button", title: "Reply in a thread", "aria-label": "Reply in a thread", onclick: () => openThread(m.thread_ts || m.ts) }, "💬"),
    own ? h("button", { type: "button", title: "Edit", "aria-label": "Edit", onclick: () => edit(m, body) }, "✎") : null,
    own ? h("button", { type: "button", title: "Delete", "aria-label": "Delete", onclick: () => remove(m) }, "🗑") : null);
}

function edit(m, body) {
  const source = (m.text || "").replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id) => "@" + (state.byID.get(id) || { name: id }).name).replace(/<#([A-Z0-9]+)\|?([^>]*)>/g, (_, id, n) => "#" + (n || (channelOf(id) || { name: id }).name)).replace(/<!(here|channel|everyone)>/g, "@$1").replace(/<([^<>|]+)(?:\|[^>]*)?>/g, "$1").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const box = h("textarea", { rows: 2, "aria-label": "Edit the message" });
  box.value = source;
  const form = h("form", { class: "composer inline" }, box, h("button", { type: "submit", class: "primary" }, "Save"), h("button", { type: "button", onclick: () => again("messages") || redraw(m) }, "Cancel"));
  form.addEventListener("submit", (e) => { e.preventDefault(); tried(() => patch(messagePath(m), { text: box.value })).then(() => redraw(m)); });
  box.addEventListener("keydown", (e) => { if (e.key === "Escape") redraw(m); if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); form.requestSubmit(); } });
  fill(body, form);
  box.focus();
}

function redraw(m) {
  for (const node of document.querySelectorAll('[data-key="' + CSS.escape(m.ts) + '"]')) node.dataset.sig = "";
  again("messages");
}

function drawThread() {
  const parent = state.messages.find((m) => m.ts === state.thread);
  const open = !!state.thread && !!parent;
  $("pane-thread").hidden = !open;
  $("thread-tab").hidden = !open;
  document.body.classList.toggle("thread-open", open);
  if (!open) { if (document.body.dataset.pane === "thread") showPane("messages"); return; }
  const box = $("thread-messages");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80 || box.dataset.thread !== state.thread;
  const list = [parent, ...state.messages.filter((m) => m.thread_ts === state.thread && m.ts !== state.thread && !m.deleted), ...state.ephemerals.filter((m) => m.thread_ts === state.thread)].sort((a, b) => order(a.ts, b.ts));
  keyed(box, list, (m) => m.ts, signature, (m) => row(m, false, true));
  box.dataset.thread = state.thread;
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function drawHome() {
  const v = state.home;
  const sig = v ? v.id + v.hash + state.me : "none" + state.me;
  const box = $("messages");
  if (box.dataset.channel === "home " + sig) return;
  const kept = box.dataset.channel?.startsWith("home ") ? collect(box) : {};
  box.dataset.channel = "home " + sig;
  state.thread = "";
  drawThread();
  fill(box, v ? h("div", { class: "home-view" }, blocks(v.blocks, context({ state: v.state, act: (e, block, value) => actInView(v, e, block, value) }))) : h("p", { class: "empty dim" }, "No app has published a home for this person yet."));
  restore(box, kept);
}

// ---- modals ----------------------------------------------------------------------------------------------------------

let modalSig = "";
function drawModal() {
  const v = state.views[state.views.length - 1];
  const dialog = $("modal");
  if (!v) {
    modalSig = "";
    if (dialog.open) dialog.close();
    fill(dialog);
    return;
  }
  const sig = v.id + v.hash + JSON.stringify(v.errors || {}) + state.me + state.views.length;
  if (sig === modalSig && dialog.open) return;
  const same = modalSig.startsWith(v.id);
  const kept = same ? collect(dialog) : {};
  modalSig = sig;
  const ctx = context({ state: v.state, errors: v.errors, act: (e, block, value) => actInView(v, e, block, value) });
  const form = h("form", { method: "dialog", novalidate: true },
    h("header", {}, h("h2", { id: "modal-title" }, plain(v.title)), h("button", { type: "button", "aria-label": "Close", onclick: () => closeView(v, true) }, "✕")),
    h("div", { class: "modal-body" }, blocks(v.blocks, ctx)),
    h("footer", {}, h("button", { type: "button", onclick: () => closeView(v, false) }, plain(v.close || (state.views.length > 1 ? "Back" : "Cancel"))), v.submit ? h("button", { type: "submit", class: "primary" }, plain(v.submit)) : null));
  form.addEventListener("submit", (e) => { e.preventDefault(); submitView(v, form); });
  fill(dialog, form);
  restore(dialog, kept);
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector("[aria-invalid]") || dialog.querySelector(".modal-body input, .modal-body textarea, .modal-body select");
  if (first && !same || v.errors && first) first.focus();
}

async function submitView(v, form) {
  const button = form.querySelector("button[type=submit]");
  if (!button || button.disabled) return;
  button.disabled = true;
  for (const old of form.querySelectorAll(".missing")) old.remove();
  try {
    const o = await post("people/" + part(state.me) + "/views/" + part(v.id) + "/submit", { values: collect(form) });
    if (o.status && o.status !== "ok") showInForm(form, "We had some trouble connecting: " + o.status + (o.detail ? " (" + o.detail + ")" : "") + ". Try again?");
  } catch (err) {
    const missing = /block (\S+) needs a value/.exec(err.message);
    const field = missing && form.querySelector('[data-block="' + CSS.escape(missing[1]) + '"]');
    if (field) {
      (field.closest(".b-input") || field).append(h("div", { class: "error missing", role: "alert" }, "Please complete this required field."));
      (field.matches("input,textarea,select") ? field : field.querySelector("input"))?.focus();
    } else showInForm(form, err.message);
  }
  button.disabled = false;
  again("views");
}

const showInForm = (form, text) => form.querySelector(".modal-body").prepend(h("div", { class: "error missing", role: "alert" }, text));

const closeView = (v, all) => tried(() => post("people/" + part(state.me) + "/views/" + part(v.id) + "/close", { all })).then(() => again("views"));

function confirmed(c) {
  return new Promise((done) => {
    const dialog = $("confirm");
    const end = (yes) => { dialog.oncancel = null; dialog.close(); fill(dialog); done(yes); };
    const ctx = context();
    fill(dialog, h("form", { method: "dialog" }, h("header", {}, h("h2", { id: "confirm-title" }, plain(c.title?.text))),
      h("div", { class: "modal-body" }, c.text ? (c.text.type === "mrkdwn" ? mrkdwn(c.text.text, ctx) : plain(c.text.text)) : null),
      h("footer", {}, h("button", { type: "button", onclick: () => end(false) }, plain(c.deny?.text || "Cancel")), h("button", { type: "button", class: c.style === "danger" ? "danger" : "primary", onclick: () => end(true) }, plain(c.confirm?.text || "OK")))));
    dialog.oncancel = (e) => { e.preventDefault(); end(false); };
    dialog.showModal();
  });
}

// ---- phones ----------------------------------------------------------------------------------------------------------

const kinds = { phone: "📞", push: "📱", email: "✉️", note: "🗒" };

// grouped puts the notifications that one moment made to one person on one line.
function grouped(rings) {
  const out = [];
  for (const r of rings) {
    const last = out[out.length - 1];
    if (last && last.person.id === r.person.id && last.at === r.at && last.why === r.why) last.kinds.push(r.kind);
    else out.push({ ...r, kinds: [r.kind] });
  }
  return out.reverse();
}

let seenRings = -1;
function drawPhones(before) {
  const fresh = state.rings.slice(seenRings < 0 ? state.rings.length : before);
  seenRings = state.rings.length;
  const open = state.incidents.filter((i) => i.status !== "resolved");
  $("phones-count").textContent = open.length + " open";
  $("phones-badge").hidden = !open.length;
  $("phones-badge").textContent = open.length;
  const list = [...state.incidents].reverse();
  const who = me() && me().pagerduty_id, own = (i) => !!who && i.status === "triggered" && i.assignees.some((p) => p.id === who); // one's own ringing phone is on top
  const live = list.filter((i) => i.status !== "resolved"), done = list.filter((i) => i.status === "resolved");
  const active = [...live.filter(own), ...live.filter((i) => !own(i))];
  const rows = [...active, ...done].slice(0, Math.max(60, active.length));
  keyed($("phones"), rows.length ? rows : [{ id: "none" }], (i) => i.id,
    (i) => JSON.stringify(i) + state.rings.filter((r) => r.incident_id === i.id).length + state.me + tz(),
    (i) => i.id === "none" ? h("p", { class: "empty dim" }, "No phone has rung. Fire a page to see one ring.") : page(i, fresh.some((r) => r.incident_id === i.id && (r.kind === "phone" || r.kind === "push"))));
}

function page(i, ringing) {
  const rings = grouped(state.rings.filter((r) => r.incident_id === i.id));
  const who = me();
  const can = who && who.pagerduty_id && i.status !== "resolved";
  const note = h("form", { class: "composer inline", hidden: true }, h("input", { type: "text", "aria-label": "Note on " + i.title, placeholder: "Note as " + (who ? who.real_name : "") }), h("button", { type: "submit", class: "primary" }, "Add"));
  note.addEventListener("submit", (e) => { e.preventDefault(); const t = note.querySelector("input"); if (t.value.trim()) onPage(i, "note", { text: t.value }).then(() => { t.value = ""; note.hidden = true; }); });
  const mine = i.assignees.some((p) => who && p.id === who.pagerduty_id);
  return h("article", { class: "page " + i.status + (ringing ? " ringing" : "") + (mine ? " mine" : "") },
    h("header", {}, h("span", { class: "chip status-" + i.status }, i.status), h("span", { class: "dim small" }, i.service + (i.urgency === "low" ? " · low urgency" : ""))),
    h("h3", {}, i.title),
    h("div", { class: "dim small" },
      i.status === "resolved" ? "resolved by " + i.resolved_by + " at " + clock(new Date(i.resolved_at), tz()) :
        i.status === "acknowledged" ? "acknowledged by " + i.acknowledgements.map((a) => a.by.name + " " + clock(new Date(a.at), tz())).join(", ") :
          ["with " + i.assignees.map((p) => p.name).join(", "), i.escalates_at ? " · next level at " + clock(new Date(i.escalates_at), tz()) : ""]),
    h("ol", { class: "rings" }, rings.map((r) => h("li", { class: who && r.person.id === who.pagerduty_id ? "me" : "" },
      h("time", { datetime: r.at, title: full(new Date(r.at), tz()) }, clockSeconds(new Date(r.at), tz())), " ",
      h("strong", {}, r.person.name), " ", h("span", { class: "kinds small" }, r.kinds.map((k) => (kinds[k] || "") + " " + k).join(", ")), h("div", { class: "dim small" }, r.why)))),
    i.notes.length ? h("ul", { class: "notes" }, i.notes.map((n) => h("li", {}, h("time", {}, clock(new Date(n.at), tz())), " ", h("strong", {}, n.by.name + ": "), n.content))) : null,
    can ? h("div", { class: "b-actions" },
      i.status === "triggered" ? h("button", { type: "button", class: mine ? "primary" : undefined, title: mine ? undefined : "As " + who.real_name + ", whose phone this is not", onclick: () => onPage(i, "acknowledge") }, "Acknowledge") : null,
      h("button", { type: "button", onclick: () => onPage(i, "resolve") }, "Resolve"),
      h("button", { type: "button", onclick: () => { note.hidden = !note.hidden; if (!note.hidden) note.querySelector("input").focus(); } }, "Note")) : null,
    can ? note : null);
}

const onPage = (i, what, body) => tried(() => post("pages/" + part(i.id) + "/" + what, { as: state.me, ...body })).then(() => again("pages"));

// ---- acts ------------------------------------------------------------------------------------------------------------

const messagePath = (m) => "people/" + part(state.me) + "/messages/" + part(m.channel) + "/" + part(m.ts);

const act = (m, e, block, value) => tried(async () => outcome(await post(messagePath(m) + "/act", { action_id: e.action_id, block_id: block, value }), "That"));
const actInView = (v, e, block, value) => tried(async () => { outcome(await post("people/" + part(state.me) + "/views/" + part(v.id) + "/act", { action_id: e.action_id, block_id: block, value }), "That"); again(v.type === "home" ? "home" : "views"); });
const react = (m, name, off) => tried(() => (off ? del : post)(messagePath(m) + "/reactions/" + part(name)));

async function remove(m) {
  if (await confirmed({ title: { text: "Delete message" }, text: { type: "plain_text", text: "Delete this message? This cannot be undone." }, confirm: { text: "Delete" }, style: "danger" })) tried(() => del(messagePath(m)));
}

async function send(text, thread, also) {
  const command = /^(\/[a-z][a-z0-9_-]*)(?:\s+([\s\S]*))?$/i.exec(text.trim());
  if (command) {
    if (!state.commands.includes(command[1])) { notice(command[1] + " is not a valid command. Known: " + state.commands.join(", ")); return false; }
    const o = await tried(() => post("people/" + part(state.me) + "/commands", { channel: state.channel, command: command[1], text: command[2] || "" }));
    if (!o) return false;
    if (o.status !== "ok") notice(command[1] + " failed with the error “" + o.status + "”" + (o.detail ? ": " + o.detail : ""));
    return true;
  }
  return !!(await tried(() => post("people/" + part(state.me) + "/messages", { channel: state.channel, text, thread_ts: thread || undefined, broadcast: also || undefined })));
}

// suggestions completes @people, #channels and /commands while somebody types.
function suggestions(form, box) {
  const list = h("div", { class: "suggest", role: "listbox", "aria-label": "Suggestions", hidden: true });
  form.append(list);
  let found = [], at = 0, from = 0;
  const close = () => { list.hidden = true; found = []; box.removeAttribute("aria-activedescendant"); };
  const draw = () => {
    fill(list, found.map((s, i) => h("div", { role: "option", id: form.id + "-s" + i, "aria-selected": String(i === at), onmousedown: (e) => { e.preventDefault(); take(i); } }, h("strong", {}, s.insert), s.hint ? h("span", { class: "dim" }, " " + s.hint) : null)));
    list.hidden = !found.length;
    if (found.length) box.setAttribute("aria-activedescendant", form.id + "-s" + at);
    else close();
  };
  const take = (i) => {
    const end = box.selectionStart, insert = found[i].insert + " ";
    box.setRangeText(insert, from, end, "end");
    close();
    box.focus();
  };
  box.addEventListener("input", () => {
    const before = box.value.slice(0, box.selectionStart);
    const m = /(?:^|[\s(])([@#])([\p{L}\p{N}._-]*)$/u.exec(before) || /^(\/)([a-z0-9_-]*)$/i.exec(before);
    if (!m) return close();
    const typed = m[2].toLowerCase();
    from = before.length - m[2].length - 1;
    at = 0;
    if (m[1] === "@") found = state.people.filter((p) => p.id !== state.me && [p.name, ...p.real_name.split(" ")].some((n) => n.toLowerCase().startsWith(typed))).map((p) => ({ insert: "@" + p.name, hint: p.real_name + (p.title ? " · " + p.title : "") }));
    else if (m[1] === "#") found = state.channels.filter((c) => c.kind === "public_channel" && c.name.startsWith(typed)).map((c) => ({ insert: "#" + c.name }));
    else found = state.commands.filter((c) => c.startsWith("/" + typed)).map((c) => ({ insert: c, hint: c + " help lists what it can do" }));
    found = found.slice(0, 8);
    if (found.length === 1 && found[0].insert === before.slice(from)) found = []; // typed in full: Enter sends
    draw();
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (e) => {
    if (!found.length) return;
    // What is typed out already is sent by Enter: nobody expects to press it twice for "/incident".
    if (e.key === "Enter" && box.value.slice(from, box.selectionStart) === found[at].insert) return close();
    if (e.key === "ArrowDown" || e.key === "ArrowUp") at = (at + (e.key === "ArrowDown" ? 1 : found.length - 1)) % found.length, draw();
    else if ((e.key === "Tab" || e.key === "Enter") && !e.shiftKey) take(at);
    else if (e.key === "Escape") close();
    else return;
    e.preventDefault();
    e.stopImmediatePropagation(); // it is not for sending
  });
}

function composer(form, box, thread, also) {
  suggestions(form, box);
  const size = () => { box.style.height = "auto"; box.style.height = Math.min(box.scrollHeight, 160) + "px"; };
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const text = box.value;
    if (!text.trim()) return;
    box.value = "";
    size();
    if (!(await send(text, thread(), also()))) { if (!box.value) box.value = text; size(); }
  });
  box.addEventListener("input", size);
  box.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
    if (e.key === "ArrowUp" && !box.value) {
      const own = state.messages.filter((m) => m.user === state.me && !m.bot_id && !m.deleted && !m.thread_ts).pop();
      const node = own && $("messages").querySelector('[data-key="' + CSS.escape(own.ts) + '"] .body');
      if (node) { e.preventDefault(); edit(own, node); }
    }
  });
}

function openChannel(id) {
  if ($("notice").classList.contains("news")) $("notice").hidden = true; // who goes to a channel needs no word that it is there
  state.channel = id;
  state.thread = "";
  location.hash = part(me().role || state.me) + "/" + part(id ? channelOf(id)?.name || id : "");
  $("pane-messages").classList.toggle("at-home", !id);
  drawChannels();
  drawHead();
  showPane("messages");
  if (!id) {
    drawHome();
    tried(() => post("people/" + part(state.me) + "/home/open"));
    again("home");
    return;
  }
  state.messages = [];
  state.ephemerals = [];
  fill($("messages"));
  again("messages");
  if (matchMedia("(min-width: 800px)").matches) $("composer-text").focus();
}

function openThread(ts) {
  state.thread = ts;
  drawThread();
  showPane("thread");
  $("thread-text").focus();
}

const join = (c) => tried(async () => { state.joining = c.id; await post("people/" + part(state.me) + "/join", { channel: c.id }); await readChannels(); openChannel(c.id); });
const direct = (p) => tried(async () => { const c = await post("people/" + part(state.me) + "/dm", { user: p.id }); await readChannels(); openChannel(c.id); });

async function become(id) {
  const name = channelOf(state.channel)?.name;
  state.me = id;
  state.views = [];
  state.home = null;
  state.thread = "";
  drawModal();
  drawClock();
  drawRole();
  await readChannels();
  const same = name && state.channels.find((c) => c.name === name && c.member);
  openChannel((same || state.channels.find((c) => c.member && c.kind === "public_channel") || { id: "" }).id);
  ["views", "pages"].forEach(again);
}

function showPane(name) {
  document.body.dataset.pane = name;
  for (const b of document.querySelectorAll("[data-show]")) b.setAttribute("aria-pressed", String(b.dataset.show === name));
}

// ---- start -----------------------------------------------------------------------------------------------------------

$("person").addEventListener("change", () => become($("person").value));
$("fire").addEventListener("submit", (e) => { e.preventDefault(); tried(() => post("pages/fire", { alert: $("alert").value })).then((f) => {
    if (f && !f.new) notice($("alert").value + " is already open: PagerDuty added this to the open incident and rings nobody again.");
    again("pages");
  });
});
for (const b of document.querySelectorAll("[data-advance]")) b.addEventListener("click", () => tried(() => post("clock", { advance: b.dataset.advance })).then((c) => c && setClock(c.clock)));
$("slack-switch").addEventListener("click", () => tried(() => post("faults/slack", { down: !state.status.slack.down })).then(() => again("status")));
$("pager-switch").addEventListener("click", () => tried(() => post("faults/pagerduty", { down: !state.status.pagerduty.down })).then(() => again("status")));
$("thread-close").addEventListener("click", () => { state.thread = ""; drawThread(); showPane("messages"); });
for (const b of document.querySelectorAll("[data-show]")) b.addEventListener("click", () => showPane(b.dataset.show));
$("modal").addEventListener("cancel", (e) => { e.preventDefault(); const v = state.views[state.views.length - 1]; if (v) closeView(v, false); });
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && state.thread && !document.querySelector("dialog[open]") && !e.target.closest("textarea, input, details[open]")) { state.thread = ""; drawThread(); } });
for (const box of [$("messages"), $("thread-messages")]) {
  box.addEventListener("keydown", (e) => { // arrows walk the messages; Tab then reaches the tools of the one in focus
    if (e.key !== "ArrowUp" && e.key !== "ArrowDown" || e.target.matches("input, textarea, select")) return;
    const all = [...box.querySelectorAll(":scope > .message[tabindex]")];
    const at = all.indexOf(e.target.closest(".message"));
    const next = at < 0 ? all[all.length - 1] : all[at + (e.key === "ArrowUp" ? -1 : 1)];
    if (next) { e.preventDefault(); next.focus(); }
  });
}
composer($("composer"), $("composer-text"), () => "", () => false);
composer($("thread-composer"), $("thread-text"), () => state.thread, () => $("thread-also").checked);
setInterval(drawClock, 1000);
showPane("messages");

(async () => {
  try {
    await readSession();
    await readChannels();
    const wanted = decodeURIComponent(location.hash.slice(1).split("/")[1] || "");
    const c = state.channels.find((c) => c.member && c.name && c.name === wanted) || state.channels.find((c) => c.member && c.kind === "public_channel");
    if (c) openChannel(c.id); else openChannel("");
    let was = false;
    listen(changed, (up) => {
      $("live").textContent = up ? "" : "not connected to the sandbox";
      $("live").classList.toggle("bad", !up);
      if (up && !was) all();
      was = up;
    });
  } catch (err) {
    notice("The sandbox does not answer: " + err.message);
  }
})();

window.addEventListener("focus", () => again("pages"));
