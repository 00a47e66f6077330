// GET /openapi.json for programs, GET /api/docs for people. Both are loaded when they are asked for: no other request needs the schemas of
// all answers.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Exchange, sendJson } from "./handle-request.ts";

export async function openApi({ response }: Exchange): Promise<void> {
  const { openApiPage } = await import("./openapi/page.ts");
  sendJson(response, 200, openApiPage());
}

/** A page without a script: nothing may be loaded but its style. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export async function apiDocs({ response }: Exchange): Promise<void> {
  const { readablePage } = await import("./openapi/readable.ts");
  response.setHeader("Content-Security-Policy", POLICY);
  send(response, "text/html; charset=utf-8", readablePage());
}

export async function apiDocsStyle({ response }: Exchange): Promise<void> {
  send(
    response,
    "text/css; charset=utf-8",
    await readFile(join(import.meta.dirname, "openapi/readable.css")),
  );
}

function send(response: Exchange["response"], type: string, body: string | Buffer): void {
  response.writeHead(200, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-cache",
  });
  response.end(body);
}
