// The objects port of a process of the cluster: on the S3 store that the bus uses too. Its client is loaded with the first object, like
// there; where no store is set, all is refused in words that say so.
import { AppError } from "../../errors.ts";
import type { Objects } from "../../ports/objects.ts";

/** @param store undefined where `S3_URL` is not set */
export function clusterObjects(store: { open(): Promise<Objects> } | undefined): Objects {
  const open = async (): Promise<Objects> => {
    if (store) return store.open();
    throw new AppError("files_off", "This server keeps no files: whoever runs it has to set S3_URL.");
  };
  return {
    put: async (key, body, options) => (await open()).put(key, body, options),
    get: async (key) => (await open()).get(key),
    read: async (key, mostBytes) => (await open()).read(key, mostBytes),
    head: async (key) => (await open()).head(key),
    // Where nothing can be kept nothing is left.
    remove: async (key) => (await store?.open())?.remove(key),
    list: async (prefix, options) => (await open()).list(prefix, options),
    temporaryUrl: async (key, seconds) => (await open()).temporaryUrl(key, seconds),
  };
}
