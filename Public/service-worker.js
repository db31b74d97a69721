// Caches the participant's page with its scripts and styles, so that a reload while the network or the server is away
// shows a page that waits, instead of the browser's error. The network is always tried first; the cache is used only if
// there is no response. Never cached: sessions, answers, sounds, the experimenter's page, and any URL that contains a
// token.

const root = new URL("./", self.location.href);

/**
 * The URL under which a response is cached. Null if it is not cached.
 * @param {Request} request
 */
function keptAs({ method, mode, url }) {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== root.origin || !pathname.startsWith(root.pathname)) return null;
  const path = pathname.slice(root.pathname.length);
  if (path.startsWith("assets/") || path.startsWith("look/")) return new URL(path, root).href;
  if (mode !== "navigate") return null;
  if (path === "") return root.href;
  return /^t\/[^/]+\/?$/.test(path) ? new URL("t/", root).href : null; // One page serves all sessions.
}

/** @param {Request} request @param {string} key */
async function answer(request, key) {
  const pages = await caches.open("earshot-pages").then((opened) => opened, () => null); // A full disk keeps nothing.
  const kept = () => pages?.match(key);
  /** @param {unknown} problem @returns {Promise<Response>} */
  const away = async (problem) => (await kept()) ?? Promise.reject(problem);
  /** @param {Response} response */
  const came = async (response) => {
    if (response.ok) await pages?.put(key, response.clone()).then(null, () => {});
    return (response.status >= 500 && (await kept())) || response;
  };
  return fetch(request).then(came, away);
}

self.addEventListener("fetch", (event) => {
  const key = keptAs(event.request);
  if (key) event.respondWith(answer(event.request, key));
});
