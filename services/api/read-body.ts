// Reads a JSON body: bounded before it is read, parsed, and refused when a key could become a prototype (G19).
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../../lib/errors.ts";
import { shapeOf } from "./json-shape.ts";

const MAX_BYTES = 10 * 1024 * 1024;
/** Objects and lists within each other: far more than a tool's arguments need, far less than what overflows a stack. */
const MAX_DEPTH = 100;
/** Values in all of a body: a text of ten megabytes is one. */
const MAX_VALUES = 20_000;
/** Containers within each other that are still parsed, to say where they are too deep. */
const MAX_NESTED = 250_000;
/** Bytes below which there cannot be many. */
const SMALL = 16 * 1024;
/** Bytes that many may send at once without anybody noticing. */
const LITTLE = 64 * 1024;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * @param response told to go on when the client waits for that (`Expect: 100-continue`)
 * @param begin answers when a body that may be large may be read: it is held whole
 * @returns the parsed value; `{}` for an empty body
 * @throws body_too_large, unsupported_media_type, invalid_json, invalid_request (forbidden keys, not an object), what `begin` throws
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  begin: () => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > MAX_BYTES) throw tooLarge();
  if (length > LITTLE || request.headers["transfer-encoding"] !== undefined) await begin();
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (mediaType !== "application/json" || encoding.toLowerCase() !== "identity")
    throw new AppError(
      "unsupported_media_type",
      'Send JSON, not compressed, with the header "Content-Type: application/json".',
    );
  return parseObject(bytes);
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
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
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    const breakOff = () => reject(new AppError("invalid_json", "The body broke off."));
    request.on("error", breakOff);
    request.on("aborted", breakOff);
    // It may have left while it was looked up who it is: nothing more would come of it.
    if (request.destroyed && !request.readableEnded) breakOff();
  });
}

function tooLarge(): AppError {
  return new AppError("body_too_large", "A body may have at most 10 MB.");
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw new AppError("invalid_json", "The body is not UTF-8.");
  if (bytes.length > SMALL) refuseMany(bytes);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new AppError("invalid_json", "The body could not be parsed as JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("", "must be an object", "The body must be a JSON object.");
  check(value, []);
  return value as Record<string, unknown>;
}

function refuseMany(bytes: Buffer): void {
  const { commas, containers, depth } = shapeOf(bytes);
  const isTooDeep = depth > MAX_DEPTH && containers <= MAX_NESTED;
  if (commas + (isTooDeep ? 0 : containers) > MAX_VALUES)
    throw invalid("", "has too many values", `A body may hold ${MAX_VALUES} values.`);
}

/** Refuses keys that could become a prototype, and a depth that would overflow the stack of whoever walks it. */
function check(value: object, path: string[]): void {
  if (path.length >= MAX_DEPTH)
    throw invalid(placeOf(path), "is nested too deeply", `A body may be nested ${MAX_DEPTH} levels deep.`);
  if (Array.isArray(value))
    value.forEach((item, index) => {
      checkWithin(item, path, String(index));
    });
  else
    for (const [key, item] of Object.entries(value)) {
      if (FORBIDDEN.has(key))
        throw invalid(placeOf([...path, key]), "this key is not allowed", `The key "${key}" is not allowed.`);
      checkWithin(item, path, key);
    }
}

function checkWithin(value: unknown, path: string[], key: string): void {
  if (typeof value !== "object" || value === null) return;
  path.push(key);
  check(value, path);
  path.pop();
}

const placeOf = (path: string[]) => path.join(".").slice(0, 300);

function invalid(path: string, message: string, detail: string): AppError {
  return new AppError("invalid_request", detail, { errors: [{ path, message }] });
}
