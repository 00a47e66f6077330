// Looks whether a model server answers, takes the key and has models, without asking a model anything: by its list of models.
// Used by watch.ts for the running server and by `doctor` when none runs.
import { addressesOf } from "../openai.ts";
import type { Transport } from "../transport.ts";
import { fieldsIn, listIn, tokensIn } from "../wire/json.ts";
import { type Refusal, refusalOf } from "../wire/refusals.ts";

/** A server to be looked at. `headers` have the credential: never to be logged. */
export type ModelServer = {
  /** The provider's name: `openai`, `anthropic`, `gemini`, or that of `OPENAI_BASE_URL_<NAME>`. */
  provider: string;
  /** Up to and without `/models`. */
  baseUrl: string;
  headers: Record<string, string>;
  hasKey: boolean;
  /** The operator has said where it is. */
  isOwn: boolean;
};

/** `window`: the tokens it takes, where the server says it. */
export type ServedModel = { id: string; window?: number };

/** What was found. `absent`: no connection, `code` says why; `silent`: a connection, and nothing more in time. */
export type Look =
  | { state: "answers"; models: ServedModel[] }
  | { state: "no_models" }
  | { state: "absent"; code: unknown; proxy: string | undefined }
  | { state: "silent" }
  | { state: "refuses"; why: Refusal; status: number };

const LIMIT_MS = 3_000;
const MAX_BYTES = 2_000_000;
const MAX_MODELS = 500;

/** Never throws. Takes three seconds at most. */
export async function lookAt(server: ModelServer, transport: Transport): Promise<Look> {
  const deadline = new AbortController();
  // Of a process that stood still its timers come first: what has arrived meanwhile counts, too.
  const timer = setTimeout(() => setImmediate(() => deadline.abort()), LIMIT_MS);
  try {
    let look: Look = { state: "silent" };
    for (const address of addressesOf(server.baseUrl)) {
      look = await lookThere(address, server, transport, deadline.signal);
      const mayBeElsewhere =
        look.state === "refuses" &&
        ["unknown_model", "wrong_address"].includes(look.why) &&
        !deadline.signal.aborted;
      if (!mayBeElsewhere) return look;
    }
    return look;
  } finally {
    clearTimeout(timer);
  }
}

async function lookThere(
  address: string,
  { headers }: ModelServer,
  transport: Transport,
  signal: AbortSignal,
): Promise<Look> {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/models`;
  const pieces: Buffer[] = [];
  let [status, bytes] = [0, 0];
  try {
    await transport.send(
      { url, headers: { accept: "application/json", ...headers }, signal },
      {
        onResponse(answered) {
          status = answered;
        },
        onData(chunk) {
          pieces.push(chunk);
          bytes += chunk.length;
          return bytes > MAX_BYTES ? "nothing" : "all";
        },
      },
    );
  } catch (thrown) {
    if (signal.aborted) return { state: "silent" };
    if (status === 0) return { state: "absent", code: codeOf(thrown), proxy: transport.proxyOf(url) };
  }
  return readLook(status, Buffer.concat(pieces).toString("utf8"));
}

function codeOf(thrown: unknown): unknown {
  const { code, cause } = (thrown ?? {}) as { code?: unknown; cause?: unknown };
  return code ?? (cause === undefined ? undefined : codeOf(cause));
}

function readLook(status: number, text: string): Look {
  if (status < 200 || status > 299) return { state: "refuses", why: refusalOf(status, text), status };
  const list = listOf(text);
  // A page, or an answer to something else: LM Studio says with 200 that it does not know an address.
  if (!list) return { state: "refuses", why: "wrong_address", status };
  return list.length === 0 ? { state: "no_models" } : { state: "answers", models: modelsIn(list) };
}

function listOf(text: string): unknown[] | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const list = Array.isArray(body) ? body : (fieldsIn(body).data ?? fieldsIn(body).models);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

function modelsIn(list: unknown[]): ServedModel[] {
  return listIn(list)
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
