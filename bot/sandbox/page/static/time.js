// time.js renders moments in a person's zone.

const formats = new Map();

function format(tz, options) {
  const key = tz + JSON.stringify(options);
  if (!formats.has(key)) {
    try {
      formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: tz || "UTC", hourCycle: "h23", ...options }));
    } catch {
      formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hourCycle: "h23", ...options }));
    }
  }
  return formats.get(key);
}

export const clock = (date, tz) => format(tz, { hour: "2-digit", minute: "2-digit" }).format(date);
export const clockSeconds = (date, tz) => format(tz, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(date);
export const day = (date, tz) => format(tz, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date);
export const full = (date, tz) => format(tz, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" }).format(date);

// tsDate turns a message's ts into a Date. The ts itself stays a string wherever it names a message.
export const tsDate = (ts) => new Date(Number(ts.split(".")[0]) * 1000);

function relativeDay(date, now, tz) {
  const iso = (d) => format(tz, { year: "numeric", month: "2-digit", day: "2-digit" }).format(d);
  for (const [offset, word] of [[0, "today"], [-1, "yesterday"], [1, "tomorrow"]]) {
    if (iso(date) === iso(new Date(now.getTime() + offset * 86400000))) return word;
  }
  return "";
}

function ago(date, now) {
  const s = Math.round((now - date) / 1000);
  const [n, unit] = Math.abs(s) < 60 ? [Math.abs(s), "second"] : Math.abs(s) < 3600 ? [Math.round(Math.abs(s) / 60), "minute"] : Math.abs(s) < 86400 ? [Math.round(Math.abs(s) / 3600), "hour"] : [Math.round(Math.abs(s) / 86400), "day"];
  const words = n + " " + unit + (n === 1 ? "" : "s");
  return s >= 0 ? words + " ago" : "in " + words;
}

// slackDate renders Slack's date tokens: {date}, {time}, {date_short_pretty} ...
export function slackDate(seconds, template, now, tz) {
  const date = new Date(seconds * 1000);
  const f = (o) => format(tz, o).format(date);
  const plain = {
    date_num: () => { const p = Object.fromEntries(format(tz, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(date).map((x) => [x.type, x.value])); return p.year + "-" + p.month + "-" + p.day; },
    date: () => f({ day: "numeric", month: "long", year: "numeric" }),
    date_short: () => f({ day: "numeric", month: "short", year: "numeric" }),
    date_long: () => f({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    time: () => clock(date, tz),
    time_secs: () => clockSeconds(date, tz),
    ago: () => ago(date, now),
  };
  return template.replace(/\{([a-z_]+)\}/g, (all, name) => {
    const pretty = name.endsWith("_pretty") && relativeDay(date, now, tz);
    if (pretty) return pretty;
    const render = plain[name.replace(/_pretty$/, "")];
    return render ? render() : all;
  });
}

// zonedSeconds reads "2026-11-21T03:07" as a time in a zone and returns Unix seconds.
export function zonedSeconds(local, tz) {
  const guess = Date.parse(local + "Z");
  if (Number.isNaN(guess)) return "";
  const offset = (at) => {
    const p = Object.fromEntries(format(tz, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(new Date(at)).map((x) => [x.type, x.value]));
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - at;
  };
  const first = guess - offset(guess);
  return String((guess - offset(first)) / 1000);
}

// zonedLocal is the reverse, for the input's value.
export function zonedLocal(seconds, tz) {
  const p = Object.fromEntries(format(tz, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(new Date(seconds * 1000)).map((x) => [x.type, x.value]));
  return p.year + "-" + p.month + "-" + p.day + "T" + p.hour + ":" + p.minute;
}
