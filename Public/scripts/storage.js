import { root } from "./api.js";

// What this browser remembers between reloads, as JSON. Names begin with `earshot/` and the path of the study, since
// several studies may share one host.

/**
 * @typedef {object} Storage
 * @property {(name: string) => any} read undefined if nothing is stored
 * @property {(name: string, value: any) => boolean} write false if the browser would not store it; it is then held in memory
 * @property {(name: string) => void} remove
 */

/**
 * @param {globalThis.Storage} [backing]
 * @returns {Storage}
 */
export function openStorage(backing = safeLocalStorage()) {
  const memory = new Map();
  /** @param {any} value */
  const copy = (value) => JSON.parse(JSON.stringify(value));
  /** @param {string} name */
  const full = (name) => `earshot${root.pathname}${name}`;
  return {
    read(name) {
      if (memory.has(name)) return copy(memory.get(name));
      try {
        const text = backing?.getItem(full(name));
        return text ? JSON.parse(text) : undefined;
      } catch {
        return undefined;
      }
    },
    write(name, value) {
      try {
        if (!backing) throw new Error("no storage");
        backing.setItem(full(name), JSON.stringify(value));
        memory.delete(name);
        return true;
      } catch {
        memory.set(name, copy(value));
        return false;
      }
    },
    remove(name) {
      memory.delete(name);
      try {
        backing?.removeItem(full(name));
      } catch {
        // A browser that forbids storage has nothing to delete.
      }
    },
  };
}

function safeLocalStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
