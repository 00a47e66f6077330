// Reads a JSON body: bounded before it is read, parsed, and refused when a key could become a prototype (G19).
import type { IncomingMessage } from "node:http";
import { AppError } from "../../lib/errors.ts";

const MAX_BYTES = 10 * 1024 * 1024;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * @returns the parsed value; `{}` for an empty body
 * @throws body_too_large, unsupported_media_type, invalid_json, invalid_request (forbidden keys, not an object)
 */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BYTES) throw tooLarge();
  const text = await readText(request);
  if (text === "") return {};
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json")
    throw new AppError(
      "unsupported_media_type",
      'Send JSON with the header "Content-Type: application/json".',
    );
  return parseObject(text);
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) {
        request.removeAllListeners("data");
        request.resume();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on("end", () =>
      resolve(chunks.length === 1 && chunks[0] ? chunks[0].toString() : Buffer.concat(chunks).toString()),
    );
    request.on("error", () => reject(new AppError("invalid_json", "The body broke off.")));
    request.on("aborted", () => reject(new AppError("invalid_json", "The body broke off.")));
  });
}

function tooLarge(): AppError {
  return new AppError("body_too_large", "A body may have at most 10 MB.");
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError("invalid_json", "The body could not be parsed as JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("invalid_request", "The body must be a JSON object.", {
      errors: [{ path: "", message: "must be an object" }],
    });
  // Only a text that can spell a forbidden key is walked: keys may be written with escapes.
  if (/__proto__|constructor|prototype|\\u/.test(text)) refuseForbiddenKeys(value, "");
  return value as Record<string, unknown>;
}

function refuseForbiddenKeys(value: unknown, path: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const here = path === "" ? key : `${path}.${key}`;
    if (!Array.isArray(value) && FORBIDDEN.has(key))
      throw new AppError("invalid_request", `The key "${key}" is not allowed.`, {
        errors: [{ path: here, message: "this key is not allowed" }],
      });
    refuseForbiddenKeys((value as Record<string, unknown>)[key], here);
  }
}
