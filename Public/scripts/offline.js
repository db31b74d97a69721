/**
 * Lets the browser cache this page with its scripts and styles, if it can (over HTTPS or on this machine);
 * `service-worker.js` also says what is never cached. Otherwise, a reload without network fails as usual.
 * @param {(path: string) => string} address the whole URL of a path below the study's root
 */
export async function keepPages(address) {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
  try {
    await navigator.serviceWorker.register(address("service-worker.js"));
    // The worker only sees what is loaded from the next visit on.
    const pages = await caches.open("earshot-pages");
    const assets = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.startsWith(address("assets/")));
    await Promise.all([[location.pathname, address("t/")], ...assets.map((name) => [name, name])].map(async ([from, key]) => {
      const response = await fetch(from);
      if (response.ok) await pages.put(key, response);
    }));
    // Remove what an earlier edition left behind.
    const [first] = assets;
    const edition = first && first.slice(0, first.indexOf("/", address("assets/").length) + 1);
    for (const { url } of await pages.keys()) {
      if (edition && url.startsWith(address("assets/")) && !url.startsWith(edition)) await pages.delete(url);
    }
  } catch {
    // The network is away, or the browser stores nothing.
  }
}
