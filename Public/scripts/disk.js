// What would take a phone's memory is put on its disk as long as a page needs it: in files that nobody but this study's
// pages can open and that no listener sees (the origin private file system). Each page has a folder of its own.

const home = "earshot-sounds";
/** @type {Promise<FileSystemDirectoryHandle> | null} */
let own = null;

/** Makes the page's folder, and removes those of pages that are gone. */
async function ownFolder() {
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(home, { create: true });
  const name = `${home}-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("")}`;
  // The browser keeps the lock until the page is gone, however it goes.
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
   * @param {number} size that it will have, in bytes
   * @returns {Promise<DiskFile | null>} null where the browser gives no such file, or not so much room
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

  /** @param {Uint8Array[]} parts that follow what is there @throws {Error} where the disk is full */
  async add(parts) {
    for (const part of parts) await this.#stream.write(part);
  }

  /** Ends it. @returns {Promise<Blob>} what it holds, read from the disk where it is wanted */
  async whole() {
    await this.#stream.close();
    return this.#handle.getFile();
  }

  async remove() {
    await this.#stream.abort().catch(() => {});
    await this.#folder.removeEntry(this.#handle.name).catch(() => {});
  }
}
