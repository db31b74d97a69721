// Keeps the participant's page and its scripts and styles, so that a reload without the network, or while the server is
// away, shows a page that waits instead of the browser's error. What comes from the network always goes first; what is
// kept is shown only where nothing came. Never kept: sessions, answers, sounds, the experimenter's page and any address
// with a token in it.

const root = new URL("./", self.location.href);

/**
 * Under which address something is kept; null for all that is not.
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
