// Asks a server that speaks OpenAI's language which models it has (`GET /models`), for lists where `MODELS` names none.
import { addressesOf } from "./openai/address.ts";
import { send } from "./transport.ts";
import { fieldsIn, listIn, tokensIn } from "./wire/loose.ts";

/** `window`: the tokens it takes, where the server says it. */
export type ServedModel = { id: string; window?: number };

const LIMIT_MS = 3_000;
const MAX_BYTES = 2_000_000;
const MAX_MODELS = 500;

/** The server's models; empty when it does not tell in time: nothing depends on it. */
export async function listModels(baseUrl: string, apiKey: string | undefined): Promise<ServedModel[]> {
  try {
    for (const address of addressesOf(baseUrl)) {
      const { status, text } = await readList(address, apiKey);
      if (status === 200) return modelsIn(text);
      if (status !== 404) break;
    }
  } catch {
    // Not reachable, too slow, or not JSON: the configured names are offered.
  }
  return [];
}

async function readList(
  address: string,
  apiKey: string | undefined,
): Promise<{ status: number; text: string }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  await send(
    {
      url: new URL(`${address.replace(/\/+$/, "")}/models`),
      headers: { accept: "application/json", ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
      signal: AbortSignal.timeout(LIMIT_MS),
    },
    {
      onResponse(answered) {
        status = answered;
      },
      onData(chunk) {
        pieces.push(chunk);
        bytes += chunk.length;
        return status !== 200 || bytes > MAX_BYTES ? "nothing" : "all";
      },
    },
  );
  return { status, text: Buffer.concat(pieces).toString("utf8") };
}

function modelsIn(text: string): ServedModel[] {
  return listIn(fieldsIn(JSON.parse(text)).data)
    .flatMap((entry) => {
      const { id } = fieldsIn(entry);
      const window = windowIn(fieldsIn(entry));
      return typeof id === "string" ? [{ id, ...(window ? { window } : {}) }] : [];
    })
    .filter(({ id }) => id !== "" && id.length <= 200 && !/\s/.test(id))
    .slice(0, MAX_MODELS);
}

/** As vLLM, LM Studio, OpenRouter and llama.cpp call it; what is loaded counts before what the model could. */
function windowIn(entry: Record<string, unknown>): number | undefined {
  const { loaded_context_length, max_model_len, context_length, max_context_length, meta } = entry;
  return [loaded_context_length, max_model_len, context_length, max_context_length, fieldsIn(meta).n_ctx]
    .map(tokensIn)
    .find((tokens) => tokens !== undefined && tokens > 0);
}
