/* siyu: events of pages and mini programs */
((root) => {
  const mini = typeof document == "undefined", tag = !mini && document.currentScript, early = root.siyu || [], memory = {}, held = [];
  let busy, pause = 1e3, key, url, asks;
  const read = (name) => {
    try { return JSON.parse(mini ? wx.getStorageSync("siyu." + name) : localStorage["siyu." + name]); }
    catch { return memory[name]; }
  };
  const keep = (name, value) => {
    const text = JSON.stringify(memory[name] = value);
    try { mini ? wx.setStorageSync("siyu." + name, text) : localStorage["siyu." + name] = text; } catch {}
  };
  const id = () => {
    const raw = new Uint8Array(16).map(() => Math.random() * 256);
    if (root.crypto) crypto.getRandomValues(raw);
    return Array.from(raw, (b) => (b + 256).toString(16).slice(1)).join("");
  };
  const may = () => read("consent") ?? !asks;
  const queue = () => read("queue") || [];
  const body = (batch) => JSON.stringify({ writeKey: key, sentAt: new Date(), batch });
  const next = () => {
    const some = queue().slice(0, 20);
    while (some[1] && body(some).length > 2e4) some.length >>= 1;
    return some;
  };
  const flush = () => {
    const some = next();
    if (busy || !some[0] || !may()) return;
    busy = 1;
    const end = (code) => {
      busy = 0;
      if (code < 500 && code != 408 && code != 429) {
        keep("queue", queue().filter((m) => !some.find((s) => s.messageId == m.messageId)));
        pause = 1e3;
        flush();
      } else setTimeout(flush, pause = Math.min(pause * 2, 6e4));
    };
    if (mini) wx.request({ url, method: "POST", data: body(some), success: (r) => end(r.statusCode), fail: end });
    else fetch(url, { method: "POST", body: body(some), keepalive: true }).then((r) => end(r.status), end);
  };
  const push = (one) => {
    if (!key || read("consent") === false) return;
    one = { messageId: id(), timestamp: new Date(), ...one };
    if (!may()) return void (held[49] || held.push(one));
    if (!read("id")) keep("id", id());
    if (one.type == "identify") keep("user", one.userId);
    keep("queue", [...queue().slice(-199), { ...one, anonymousId: read("id"), userId: read("user") }]);
    setTimeout(flush);
  };
  const api = root.siyu = {
    init(o) { key = o.key; url = o.host + "/v1/b"; asks = o.consent == "required"; flush(); },
    track(event, properties) { push({ type: "track", event, properties }); },
    page(name, more) {
      const here = mini ? {} : { url: location.href, title: document.title, referrer: document.referrer };
      push({ type: mini ? "screen" : "page", name, properties: { ...here, ...more } });
    },
    identify(userId, traits) { push({ type: "identify", userId, traits }); },
    consent(yes) {
      keep("consent", !!yes);
      if (!yes) ["queue", "id", "user"].map((name) => keep(name, null));
      held.splice(0).map(push);
    },
    reset() { keep("user", null); keep("id", null); }
  };
  if (mini) return void (module.exports = api);
  addEventListener("pagehide", () => may() && next()[0] && navigator.sendBeacon(url, body(next())));
  if (tag.dataset.key) api.init({ key: tag.dataset.key, host: new URL(tag.src).origin, consent: tag.dataset.consent });
  early.map(([name, ...given]) => api[name](...given));
})(globalThis);
