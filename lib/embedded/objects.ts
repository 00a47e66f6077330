// The objects port in one process: one file an object in a folder of the data folder, which is made at first use. A file is a head of
// fixed length (JSON and blanks) and the bytes, so that what is known of an object is replaced in one step with it.
import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ensureFolder } from "../ensure-folder.ts";
import { toError } from "../errors.ts";
import { checkedStream, damaged, readWhole } from "../objects/checked-stream.ts";
import { checkContentType, checkKey, checkLimit, checkPrefix, isKey } from "../objects/object-key.ts";
import { TEMPORARY, withTemporaryFile, writeAll } from "../objects/temporary-file.ts";
import type { ObjectInfo, Objects } from "../ports/objects.ts";
import { reasonOfSystem } from "../unusable.ts";
import { storeUnavailable } from "./sqlite-error.ts";

const HEAD_BYTES = 512;
/** A disk that says nothing for so long (a network folder) is away. */
const PATIENCE_MS = 30_000;
/** No key has it; a folder for each part would make a key impossible that is the beginning of another one. */
const SLASH = "=";

const headSchema = z.strictObject({
  key: z.string(),
  size: z.int().min(0),
  contentType: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** @param folder whose owner only this process is: what an earlier one left half is removed */
export function embeddedObjects(folder: string, options: { mostBytes?: number } = {}): Objects {
  let ready: Promise<void> | undefined;
  const prepared = (): Promise<void> => {
    ready ??= prepare(folder).catch((thrown: unknown) => {
      ready = undefined;
      throw failure(thrown);
    });
    return ready;
  };
  const pathOf = (key: string) => join(folder, checkKey(key).replaceAll("/", SLASH));
  const opened = async (key: string): Promise<{ info: ObjectInfo; file: FileHandle } | null> => {
    const path = pathOf(key);
    await prepared();
    const file = await unlessGone(open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
    if (!file) return null;
    try {
      return { info: await readHead(file, key), file };
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  };

  const objects: Objects = {
    async put(key, body, { contentType }) {
      const path = pathOf(key);
      checkContentType(contentType);
      await prepared();
      return withTemporaryFile(body, { folder, offset: HEAD_BYTES, failure, ...options }, async (written) => {
        const info = { key, size: written.size, contentType, sha256: written.sha256 };
        try {
          await writeAll(written.file, Buffer.from(JSON.stringify(info).padEnd(HEAD_BYTES)), 0);
          await written.file.sync();
          await rename(written.path, path);
          await syncFolder(folder);
        } catch (thrown) {
          throw failure(thrown);
        }
        return info;
      });
    },
    async get(key) {
      const found = await opened(key);
      if (!found) return null;
      const source = found.file.createReadStream({ start: HEAD_BYTES });
      return {
        info: found.info,
        stream: checkedStream(source, found.info, {
          patienceMs: PATIENCE_MS,
          failure: (thrown) => (thrown === undefined ? damaged(key) : failure(thrown)),
        }),
      };
    },
    async read(key, mostBytes) {
      const found = await objects.get(key);
      return found && readWhole(found, mostBytes);
    },
    async head(key) {
      const found = await opened(key);
      await found?.file.close();
      return found?.info ?? null;
    },
    async remove(key) {
      const path = pathOf(key);
      await prepared();
      await rm(path, { force: true })
        .then(() => syncFolder(folder))
        .catch((thrown: unknown) => {
          throw failure(thrown);
        });
    },
    async list(prefix, { after = "", limit } = {}) {
      checkPrefix(prefix);
      const most = checkLimit(limit);
      await prepared();
      const names = await readdir(folder).catch((thrown: unknown) => {
        throw failure(thrown);
      });
      const keys = names
        .map((name) => name.replaceAll(SLASH, "/"))
        .filter((key) => isKey(key) && key.startsWith(prefix) && key > after)
        .sort((a, b) => (a < b ? -1 : 1));
      const listed = [];
      for (const key of keys) {
        if (listed.length === most) break;
        // Removed meanwhile.
        const found = await unlessGone(stat(pathOf(key)));
        if (found)
          listed.push({ key, size: Math.max(0, found.size - HEAD_BYTES), modifiedMs: found.mtimeMs });
      }
      return listed;
    },
    async temporaryUrl(key) {
      checkKey(key);
      return null;
    },
  };
  return objects;
}

async function prepare(folder: string): Promise<void> {
  ensureFolder(folder);
  for (const name of await readdir(folder))
    if (name.startsWith(TEMPORARY)) await rm(join(folder, name), { force: true });
}

async function readHead(file: FileHandle, key: string): Promise<ObjectInfo> {
  const head = Buffer.alloc(HEAD_BYTES);
  const { size } = await file.stat().catch(failed);
  await file.read(head, 0, HEAD_BYTES, 0).catch(failed);
  let info: ObjectInfo;
  try {
    info = headSchema.parse(JSON.parse(head.toString()));
  } catch (thrown) {
    throw damaged(key, thrown);
  }
  if (info.key !== key || info.size !== size - HEAD_BYTES) throw damaged(key);
  return info;
}

/** The file's name is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure(thrown);
  }
}

function failed(thrown: unknown): never {
  throw failure(thrown);
}

function failure(thrown: unknown): Error {
  const { code } = (thrown ?? {}) as NodeJS.ErrnoException;
  return typeof code === "string" || thrown === undefined
    ? storeUnavailable(thrown === undefined ? "the disk does not answer" : reasonOfSystem(thrown), thrown)
    : toError(thrown);
}
