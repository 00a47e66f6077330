// Archives for tests, also such as no honest program makes: the writers check no names.
import { createGzip } from "node:zlib";
import type { WrittenEntry } from "../../../../../../plugins/tools/files/archives/archive-entry.ts";
import { makeHeader } from "../../../../../../plugins/tools/files/archives/tar/tar-header.ts";
import { tarBytes } from "../../../../../../plugins/tools/files/archives/tar/write-tar.ts";
import { through } from "../../../../../../plugins/tools/files/archives/through-zlib.ts";
import { zipBytes } from "../../../../../../plugins/tools/files/archives/zip/write-zip.ts";

const WHEN = new Date("2024-02-03T04:05:06Z");

export const file = (path: string, text: string | Buffer = "text", mode = 0o644): WrittenEntry => {
  const bytes = Buffer.from(text);
  return { path, kind: "file", mode, modified: WHEN, size: bytes.length, content: () => pieces(bytes) };
};
export const folder = (path: string): WrittenEntry => ({
  path,
  kind: "directory",
  mode: 0o755,
  modified: WHEN,
});
export const symlink = (path: string, target: string): WrittenEntry => ({
  ...{ path, kind: "symlink", mode: 0o777, modified: WHEN, target },
});

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

const all = async (bytes: AsyncIterable<Buffer>) => Buffer.concat(await Array.fromAsync(bytes));
async function* inOrder(entries: WrittenEntry[]): AsyncGenerator<WrittenEntry> {
  yield* entries;
}

export const zipOf = (...entries: WrittenEntry[]): Promise<Buffer> => all(zipBytes(inOrder(entries)));
export const tarOf = (...entries: WrittenEntry[]): Promise<Buffer> => all(tarBytes(inOrder(entries)));
export const gzipped = (bytes: Buffer): Promise<Buffer> => all(through(pieces(bytes), createGzip()));
export const tarGzOf = async (...entries: WrittenEntry[]): Promise<Buffer> =>
  gzipped(await tarOf(...entries));

/** One entry of a tar archive that is nothing but its header. */
export const tarEntry = (name: string, type: string, link = "", size = 0): Buffer =>
  makeHeader({ name, type, link, size, mode: 0o644, mtime: 0 });
export const TAR_END = Buffer.alloc(1_024);
