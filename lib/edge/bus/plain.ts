// What comes over the edge bus as JSON is data of a stranger: bounded in what it takes to read it and in depth, and without keys that are
// more than data to the language.

const DEEPEST = 64;
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
/**
 * Values and names in one message. Eight megabytes of `[],` take over a second and a gigabyte to read; the largest result that is sent
 * has fewer (lib/tools/bound-result.ts).
 */
const MOST_PARTS = 250_000;
const [QUOTE, BACKSLASH, LIST, OBJECT, COMMA, COLON] = Buffer.from('"\\[{,:');

/** The object in a message, whose parts nobody has looked at; undefined when it is none, or holds too much. */
export function readObject(data: Uint8Array): Record<string, unknown> | undefined {
  if (data.length > MOST_PARTS && partsIn(data) > MOST_PARTS) return undefined;
  try {
    const said: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
    const isObject = typeof said === "object" && said !== null && !Array.isArray(said);
    return isObject ? (said as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a parsed value is plain data; false also for what is nested beyond sense. */
export function isPlain(value: unknown, levels: number = DEEPEST): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((part) => isPlain(part, levels - 1));
  // No list of all entries is made: it takes far longer than the parts do.
  for (const key in value)
    if (FORBIDDEN_KEYS.has(key) || !isPlain((value as Record<string, unknown>)[key], levels - 1))
      return false;
  return true;
}

/** Without parsing: what stands outside of strings. */
function partsIn(data: Uint8Array): number {
  let [parts, isText] = [0, false];
  for (let at = 0; at < data.length; at += 1) {
    const byte = data[at];
    if (isText && byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (!isText && (byte === COMMA || byte === LIST || byte === OBJECT || byte === COLON)) parts += 1;
  }
  return parts;
}
