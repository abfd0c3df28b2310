// api.js speaks the sandbox's control API (see GET /control/).

async function call(method, path, body) {
  const init = { method, headers: {}, cache: "no-store" };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  const answer = await fetch("control/" + path, init);
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.error || answer.status + " " + answer.statusText);
  return data;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body || {});
export const patch = (path, body) => call("PATCH", path, body);
export const del = (path, body) => call("DELETE", path, body);

// part escapes one segment of a path.
export const part = encodeURIComponent;

// listen follows the server-sent events; it reconnects by itself. status gets true and false. What changed before the stream was open, or
// while it was not, is not told: whoever gets true reads everything.
export function listen(onChange, status) {
  const source = new EventSource("control/events");
  source.onopen = () => status(true);
  source.onerror = () => status(false);
  source.onmessage = (e) => {
    try { onChange(JSON.parse(e.data)); } catch (err) { console.error(err); }
  };
}
