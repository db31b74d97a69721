// Stores what would fill a phone's memory on disk for as long as a page needs it, in files that only this study's pages
// can open and that listeners do not see (the origin private file system). Each page has its own folder.

const home = "earshot-sounds";
/** @type {Promise<FileSystemDirectoryHandle> | null} */
let own = null;

/** Creates the page's folder, and removes those of pages that no longer exist. */
async function ownFolder() {
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(home, { create: true });
  const name = `${home}-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("")}`;
  // The browser holds the lock until the page is gone, however that happens.
  await new Promise((resolve) => {
    navigator.locks.request(name, () => { resolve(null); return new Promise(() => {}); });
  });
  const held = (await navigator.locks.query()).held?.map((lock) => lock.name) ?? [];
  for await (const left of all.keys()) if (!held.includes(left)) await all.removeEntry(left, { recursive: true }).catch(() => {});
  return all.getDirectoryHandle(name, { create: true });
}

export class DiskFile {
  #folder;
  #handle;
  #stream;

  /** @param {FileSystemDirectoryHandle} folder @param {FileSystemFileHandle} handle @param {FileSystemWritableFileStream} stream */
  constructor(folder, handle, stream) {
    this.#folder = folder;
    this.#handle = handle;
    this.#stream = stream;
  }

  /**
   * @param {number} size its final size, in bytes
   * @returns {Promise<DiskFile | null>} null if the browser offers no such file, or not enough space
   */
  static async make(size) {
    try {
      const { quota = 0, usage = 0 } = await navigator.storage.estimate();
      if (quota - usage < size) return null;
      own ??= ownFolder();
      const folder = await own;
      const handle = await folder.getFileHandle(crypto.getRandomValues(new Uint32Array(4)).join("-"), { create: true });
      return new DiskFile(folder, handle, await handle.createWritable());
    } catch {
      return null;
    }
  }

  /** @param {Uint8Array[]} parts to append @throws {Error} if the disk is full */
  async add(parts) {
    for (const part of parts) await this.#stream.write(part);
  }

  /** Closes the file. @returns {Promise<Blob>} its content, which is read from disk on demand */
  async whole() {
    await this.#stream.close();
    return this.#handle.getFile();
  }

  async remove() {
    await this.#stream.abort().catch(() => {});
    await this.#folder.removeEntry(this.#handle.name).catch(() => {});
  }
}
