// Checks the key and the models: as the running server says, else as the environment would set them up.
import type { ModelInfo } from "../../contracts/agent.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { listFaults, providerFault } from "../../plugins/models/provider-names.ts";
import { reachServers } from "../../plugins/models/reach-servers.ts";
import { Server } from "../terminal/server.ts";
import type { ServerAccess } from "../terminal/server-access.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

const DEMO = "demo/demo";
const PROVIDER_VARIABLES = [
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
  "GEMINI_API_KEY",
  "GEMINI_BASE_URL",
] as const;
const SET_A_KEY =
  "set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or OPENAI_BASE_URL (Ollama, vLLM …), and start the server again";

/** Whether the models' servers answer and take the key. */
export async function checkModelServers(env: Environment): Promise<Finding[]> {
  const check = "model server";
  const reached = await reachServers({
    openai: { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL },
    anthropic: { apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.ANTHROPIC_BASE_URL },
    gemini: { apiKey: env.GEMINI_API_KEY, baseUrl: env.GEMINI_BASE_URL },
  });
  return reached.map(({ variable, origin, state, reason }) => {
    if (state === "answers") return ok(check, `${origin} answers`);
    if (state === "refuses_key")
      return failure(check, `${origin} refuses the key`, `set ${variable}_API_KEY to a key that it accepts`);
    return failure(
      check,
      `${origin} does not answer (${reason})`,
      `start it, or set ${variable}_BASE_URL to where it is; without a network only demo/demo answers`,
    );
  });
}

/** Of a server that runs. */
export async function checkServedModels(access: ServerAccess): Promise<Finding[]> {
  if (access.keyProblem) return [failure("key", "there is no key for the server", access.keyProblem)];
  try {
    const answer = await new Server(access).json<{ models: ModelInfo[]; default: string }>(
      "GET",
      "/agent/models",
    );
    return [ok("key", `the server at ${access.url} accepts it`), servedModels(answer)];
  } catch (thrown) {
    return [failure("key", "the server did not tell its models", toError(thrown).message)];
  }
}

function servedModels({ models, default: byDefault }: { models: ModelInfo[]; default: string }): Finding {
  const usable = models.filter(({ available, id }) => available && id !== DEMO);
  const chosen = models.find(({ id }) => id === byDefault);
  if (chosen && !chosen.available)
    return failure("models", `the default model ${byDefault} cannot be used`, chosen.reason ?? SET_A_KEY);
  if (usable.length === 0) return warning("models", `only ${DEMO}, the rule-based stand-in`, SET_A_KEY);
  return ok("models", `${byDefault} is the default, ${usable.length} can be used`);
}

/** Models that the environment names and nothing serves: the server starts all the same, and never uses them. */
export function checkModelNames(env: Environment): Finding[] {
  return listFaults(env).map((fault) => failure("models", fault, "change or unset the variable"));
}

/** Of the environment, when no server runs. */
export function checkModelSettings(env: Environment): Finding {
  const fault = env.DEFAULT_MODEL && providerFault(env.DEFAULT_MODEL);
  if (fault) return failure("models", `DEFAULT_MODEL is ${env.DEFAULT_MODEL}`, fault);
  const set = PROVIDER_VARIABLES.filter((name) => env[name] !== undefined);
  if (set.length === 0)
    return warning("models", `no model is set up: only ${DEMO}, the rule-based stand-in`, SET_A_KEY);
  const provider = env.DEFAULT_MODEL?.split("/")[0];
  if (provider && provider !== "demo" && !set.some((name) => name.startsWith(`${provider.toUpperCase()}_`)))
    return failure(
      "models",
      `DEFAULT_MODEL is ${env.DEFAULT_MODEL}, but nothing is set for ${provider}`,
      `set ${provider.toUpperCase()}_API_KEY, or change DEFAULT_MODEL (openai/…, anthropic/…, gemini/…)`,
    );
  return ok("models", `${set.join(", ")} set${env.DEFAULT_MODEL ? `, default ${env.DEFAULT_MODEL}` : ""}`);
}
