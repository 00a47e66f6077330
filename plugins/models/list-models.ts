// Asks a server that speaks OpenAI's language which models it has (`GET /models`), for lists where `MODELS` names none.
import { send } from "./transport.ts";

const LIMIT_MS = 3_000;
const MAX_BYTES = 2_000_000;
const MAX_MODELS = 500;

/** The names of the server's models; empty when it does not tell in time: nothing depends on it. */
export async function listModels(baseUrl: string, apiKey: string | undefined): Promise<string[]> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let isFine = false;
  try {
    await send(
      {
        url: new URL(`${baseUrl.replace(/\/+$/, "")}/models`),
        headers: { accept: "application/json", ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
        signal: AbortSignal.timeout(LIMIT_MS),
      },
      {
        onResponse(status) {
          isFine = status === 200;
        },
        onData(chunk) {
          pieces.push(chunk);
          bytes += chunk.length;
          return !isFine || bytes > MAX_BYTES ? "nothing" : "all";
        },
      },
    );
    return isFine ? namesIn(Buffer.concat(pieces).toString("utf8")) : [];
  } catch {
    // Not reachable, too slow, or not JSON: the configured names are offered.
    return [];
  }
}

function namesIn(text: string): string[] {
  const { data } = JSON.parse(text) as { data?: unknown };
  if (!Array.isArray(data)) return [];
  return data
    .flatMap((entry: { id?: unknown } | null) => (typeof entry?.id === "string" ? [entry.id] : []))
    .filter((id) => id !== "" && id.length <= 200 && !/\s/.test(id))
    .slice(0, MAX_MODELS);
}
