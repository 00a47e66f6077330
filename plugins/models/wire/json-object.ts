// Tells whole JSON objects from pieces of one. Used where tool calls are put together.

/** Whether the text is one whole JSON object. */
export function isJsonObject(text: string): boolean {
  if (!text.trimEnd().endsWith("}")) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
