// The files of the console in memory: made when the first browser comes, compressed when the first asks for one of them so.
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Built } from "./build.ts";

export type Encoding = "br" | "gzip" | "identity";
/** What a path is answered with, in each encoding once it was asked for. */
export type Content = { type: string; body: Buffer; compressed: Map<Encoding, Promise<Buffer>> };
export type ConsoleFiles = { version: string; page: Content; files: Map<string, Content> };

let made: Promise<ConsoleFiles> | undefined;

/** A failure is told, and the next request tries again. */
export function consoleFiles(): Promise<ConsoleFiles> {
  made ??= make().catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

async function make(): Promise<ConsoleFiles> {
  const { version, html, files } = await build();
  const contents = [...files].map(([name, { type, body }]) => [name, contentOf(type, body)] as const);
  return { version, page: contentOf("text/html; charset=utf-8", html), files: new Map(contents) };
}

function build(): Promise<Built> {
  const worker = new Worker(new URL("./build-worker.ts", import.meta.url), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the files of the console were not made")));
  });
}

const contentOf = (type: string, text: string): Content => ({
  type,
  body: Buffer.from(text),
  compressed: new Map(),
});

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** @returns the same bytes for everybody: each encoding is made once */
export function encoded(content: Content, encoding: Encoding): Promise<Buffer> {
  const { body, compressed } = content;
  if (encoding === "identity") return Promise.resolve(body);
  let bytes = compressed.get(encoding);
  if (!bytes) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
    bytes = encoding === "br" ? brotli(body, { params }) : zip(body);
    compressed.set(encoding, bytes);
  }
  return bytes;
}

/** The best of ours that the client takes (RFC 9110, 12.5.3). */
export function encodingFor(accepted = ""): Encoding {
  const taken = new Set(
    accepted
      .toLowerCase()
      .split(",")
      .map((one) => one.trim().split(/\s*;\s*/))
      .filter(([, quality]) => !/^q=0(\.0*)?$/.test(quality ?? ""))
      .map(([name]) => name),
  );
  return taken.has("br") ? "br" : taken.has("gzip") ? "gzip" : "identity";
}
