// Whether the servers of the models answer and take the key, without asking a model anything. Used by `doctor`.
import type { ModelSettings } from "./registry.ts";
import { send } from "./transport.ts";

export type Reached = {
  /** What its variables begin with: `OPENAI`, `ANTHROPIC`, `GEMINI`. */
  variable: string;
  origin: string;
  state: "answers" | "refuses_key" | "absent";
  /** Why it is absent, in the network's own word. */
  reason?: string;
};

const LIMIT_MS = 5_000;

/** One entry for each provider that is set up. */
export function reachServers({ openai, anthropic, gemini }: ModelSettings): Promise<Reached[]> {
  const isSet = (access: typeof openai) =>
    access?.apiKey !== undefined || access?.baseUrl !== undefined ? access : undefined;
  const asked: Promise<Reached>[] = [];
  const [one, two, three] = [isSet(openai), isSet(anthropic), isSet(gemini)];
  if (one) asked.push(reach("OPENAI", one.baseUrl ?? "https://api.openai.com/v1", bearer(one.apiKey)));
  if (two)
    asked.push(
      reach("ANTHROPIC", `${(two.baseUrl ?? "https://api.anthropic.com").replace(/\/+(v1\/*)?$/, "")}/v1`, {
        "anthropic-version": "2023-06-01",
        ...(two.apiKey ? { "x-api-key": two.apiKey } : {}),
      }),
    );
  if (three)
    asked.push(
      reach(
        "GEMINI",
        three.baseUrl ?? "https://generativelanguage.googleapis.com/v1beta/openai",
        bearer(three.apiKey),
      ),
    );
  return Promise.all(asked);
}

function bearer(key: string | undefined): Record<string, string> {
  return key ? { authorization: `Bearer ${key}` } : {};
}

async function reach(variable: string, baseUrl: string, headers: Record<string, string>): Promise<Reached> {
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}/models`);
  let status: number | undefined;
  const told = (): Reached => ({
    variable,
    origin: url.origin,
    // Not every server tells its models: that it answers is enough.
    state: status === 401 || status === 403 ? "refuses_key" : "answers",
  });
  try {
    await send(
      { url, headers, signal: AbortSignal.timeout(LIMIT_MS) },
      {
        onResponse(answered) {
          status = answered;
        },
        onData: () => "nothing",
      },
    );
    return told();
  } catch (thrown) {
    if (status !== undefined) return told();
    const { code, name } = thrown as { code?: string; name?: string };
    const reason = name === "AbortError" ? "no answer in time" : (code ?? "no connection");
    return { variable, origin: url.origin, state: "absent", reason };
  }
}
