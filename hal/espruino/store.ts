// Files in Storage, read only. Storage returns a view of flash.

import type { Store } from "../store.js";

export function createStore(): Store {
  return { read: require("Storage").read };
}
