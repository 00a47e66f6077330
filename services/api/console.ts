// The console in a browser: GET / and the files it loads. Both are made when they are first asked for (console/), and kept in memory.
import { AppError } from "../../lib/errors.ts";
import type { Content } from "./console/files.ts";
import type { Exchange } from "./handle-request.ts";

/**
 * Nothing but our own files, and no text becomes HTML that DOMPurify has not cleaned: what a model writes is hostile. `blob:` and `data:`
 * are pictures that people attach and tools make.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types dompurify",
].join("; ");

/** For a browser the page; for a program that asks here what this is, words. */
export async function consolePage(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  response.setHeader("Vary", "Accept, Accept-Language, Accept-Encoding");
  if (!/\btext\/html\b/.test(request.headers.accept ?? "")) {
    const { sendWelcome } = await import("./welcome.ts");
    return sendWelcome(request, response);
  }
  const { consoleFiles } = await import("./console/files.ts");
  const { page, version } = await consoleFiles();
  response.setHeader("Content-Security-Policy", POLICY);
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  await send(exchange, page, `${version}.page`, "no-cache");
}

const FOR_GOOD = "public, max-age=31536000, immutable";

/** @throws not_found */
export async function consoleFile(exchange: Exchange): Promise<void> {
  const { consoleFiles } = await import("./console/files.ts");
  const { files, version } = await consoleFiles();
  const { version: asked, file } = exchange.params;
  const content = files.get(String(file));
  if (!content) throw new AppError("not_found", "The console has no file of that name. Reload its page.");
  exchange.response.setHeader("Vary", "Accept-Encoding");
  // A page of another version still gets what there is, but keeps none of it.
  await send(exchange, content, `${version}.${file}`, asked === version ? FOR_GOOD : "no-cache");
}

async function send(
  { request, response }: Exchange,
  content: Content,
  tag: string,
  caching: string,
): Promise<void> {
  const { encodingFor } = await import("./console/files.ts");
  const encoding = encodingFor(content, request.headers["accept-encoding"]);
  const etag = `"${tag}.${encoding}"`;
  response.setHeader("ETag", etag);
  response.setHeader("Cache-Control", caching);
  if (request.headers["if-none-match"]?.includes(etag)) {
    response.writeHead(304).end();
    return;
  }
  const body = content.bodies.get(encoding);
  if (!body || response.destroyed || response.writableEnded) return;
  if (encoding !== "identity") response.setHeader("Content-Encoding", encoding);
  response.writeHead(200, { "Content-Type": content.type, "Content-Length": body.length });
  response.end(body);
}
