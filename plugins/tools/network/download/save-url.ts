// Streams what a URL gives into a temporary file beside the target, which then gets the target's name. Called by download_file.
import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { FileProblem, isProblem } from "../../../../lib/files/file-problem.ts";
import type { FetchResult } from "../../../../lib/net/fetch-public.ts";
import type { ConnectorOptions } from "../../../../lib/net/public-connector.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { writeAtomically } from "../../files/workspace/write-atomically.ts";
import { markAsDownloaded } from "./mark-as-downloaded.ts";

export type Download = { url: string; output_path: string; max_bytes: number };
export type SaveOptions = ConnectorOptions & { platform?: NodeJS.Platform };
type Answer = Extract<FetchResult, { ok: true }>;

/**
 * Nothing is asked of the network before the place is known to be free and allowed.
 * @throws FileProblem as `writeAtomically`; ToolFailure with the codes of `fetchPublic`, `http_error`, `too_large`,
 * `broke_off`. Nothing is left behind then.
 */
export async function saveUrl(
  { url, output_path, max_bytes }: Download,
  context: ToolContext,
  { platform = process.platform, ...connector }: SaveOptions = {},
) {
  const told: Record<string, unknown> = {};
  const written = await writeAtomically(context, output_path, { overwrite: false }, async (handle) => {
    const answer = await open(url, context, connector);
    try {
      const hash = createHash("sha256");
      await pour(answer, handle, hash, { max_bytes, signal: context.signal });
      Object.assign(told, describe(answer), { sha256: hash.digest("hex") });
    } finally {
      await answer.close();
    }
  }).catch(inOurWords);
  const { path, bytes } = written;
  const marked = platform === "darwin" ? await markAsDownloaded(path, context) : undefined;
  return { path, bytes, ...told, ...(marked === undefined ? {} : { marked_as_downloaded: marked }) };
}

/** This tool has no `overwrite` to be set. */
function inOurWords(error: unknown): never {
  if (!isProblem(error, "exists")) throw error;
  throw new FileProblem(
    "exists",
    "There is a file at output_path already, and it stays as it is: choose another path, or move it to the trash first.",
  );
}

async function open(url: string, context: ToolContext, connector: ConnectorOptions): Promise<Answer> {
  // Only now: no start of the server waits for what few ask for.
  const { fetchPublic } = await import("../../../../lib/net/fetch-public.ts");
  const { signal, mayReach } = context;
  const headers = { "accept-encoding": "identity" };
  const answer = await fetchPublic(url, { ...connector, signal, mayReach, headers });
  if (!answer.ok) {
    signal.throwIfAborted();
    throw new ToolFailure(answer.error.code, answer.error.message);
  }
  if (answer.status >= 200 && answer.status < 300) return answer;
  await answer.close();
  throw new ToolFailure("http_error", `The server answered with status ${answer.status}; nothing was saved.`);
}

async function pour(
  answer: Answer,
  handle: FileHandle,
  hash: Hash,
  { max_bytes, signal }: { max_bytes: number; signal: AbortSignal },
): Promise<void> {
  const announced = lengthOf(answer);
  const tooLarge = (what: string) =>
    new ToolFailure("too_large", `${what} than max_bytes (${max_bytes}); nothing was saved.`);
  if (announced !== null && announced > max_bytes) throw tooLarge(`It has ${announced} bytes, more`);
  let bytes = 0;
  for await (const chunk of received(answer, signal)) {
    bytes += chunk.length;
    if (bytes > max_bytes) throw tooLarge("It is larger");
    hash.update(chunk);
    await handle.writeFile(chunk);
  }
}

/** The body; what goes wrong with the connection is told apart from what goes wrong with the file. */
async function* received({ url, body }: Answer, signal: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      signal.throwIfAborted();
      const code = String((error as { code?: unknown } | null)?.code ?? "unknown");
      throw new ToolFailure("broke_off", `${new URL(url).host} broke off (${code}); nothing was saved.`);
    });
    if (next.done) return;
    yield next.value;
  }
}

function lengthOf({ headers }: Answer): number | null {
  const text = headers["content-length"];
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function describe({ url, status, headers, redirects, address }: Answer) {
  const text = (name: string) => {
    const value = headers[name];
    return typeof value === "string" ? value.slice(0, 200) : null;
  };
  const encoding = text("content-encoding");
  return {
    final_url: url,
    status,
    content_type: text("content-type"),
    // It was asked for without: then the file is what was sent, e.g. gzip.
    ...(encoding === null || encoding === "identity" ? {} : { content_encoding: encoding }),
    redirects,
    address,
  };
}
