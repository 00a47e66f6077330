// Checks the key and the models: as the running server says, else as the environment would set them up.
import type { ModelInfo } from "../../contracts/agent.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { listFaults, providerFault, variablesOf } from "../../plugins/models/provider-names.ts";
import { examineServers } from "../../plugins/models/servers/examine.ts";
import { modelSettings } from "../start/model-settings.ts";
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
const namesOfServers = (env: Environment) => env.OPENAI_SERVERS.map(({ name }) => name);
const SET_A_KEY =
  "set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or OPENAI_BASE_URL (Ollama, vLLM …), and start the server again";

/** How the models' servers are, as the environment sets them up. */
export async function checkModelServers(env: Environment): Promise<Finding[]> {
  const check = "model server";
  const examined = await examineServers(modelSettings(env));
  return examined.map(({ provider, origin, fault }) => {
    const subject = `the server of ${provider} (${origin})`;
    return fault
      ? failure(check, `${subject} ${fault.what}`, fault.fix)
      : ok(check, `${subject} answers and has models`);
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
    return [ok("key", `the server at ${access.url} accepts it`), ...servedModels(answer)];
  } catch (thrown) {
    return [failure("key", "the server did not tell its models", toError(thrown).message)];
  }
}

function servedModels({ models, default: byDefault }: { models: ModelInfo[]; default: string }): Finding[] {
  const usable = models.filter(({ available, id }) => available && id !== DEMO);
  const chosen = models.find(({ id }) => id === byDefault);
  const about = (reason: string | undefined) => reason?.match(/^(the server of \S+ .*?): (.*)$/s) ?? [];
  if (chosen && !chosen.available) {
    const [, what, fix] = about(chosen.reason);
    const why = what === undefined ? "" : `: ${what}`;
    return [
      failure(
        "models",
        `the default model ${byDefault} cannot be used${why}`,
        fix ?? chosen.reason ?? SET_A_KEY,
      ),
    ];
  }
  const others = [...new Set(models.map(({ reason }) => reason))].flatMap((reason) => {
    const [, what, fix] = about(reason);
    return what !== undefined && fix !== undefined ? [warning("models", what, fix)] : [];
  });
  if (usable.length === 0)
    return [warning("models", `only ${DEMO}, the rule-based stand-in`, SET_A_KEY), ...others];
  return [ok("models", `${byDefault} is the default, ${usable.length} can be used`), ...others];
}

/** Models that the environment names and nothing serves: the server starts all the same, and never uses them. */
export function checkModelNames(env: Environment): Finding[] {
  return listFaults(env).map((fault) => failure("models", fault, "change or unset the variable"));
}

/** Of the environment, when no server runs. */
export function checkModelSettings(env: Environment): Finding {
  const fault = env.DEFAULT_MODEL && providerFault(env.DEFAULT_MODEL, namesOfServers(env));
  if (fault) return failure("models", `DEFAULT_MODEL is ${env.DEFAULT_MODEL}`, fault);
  const builtIn = PROVIDER_VARIABLES.filter((name) => env[name] !== undefined);
  const set = [...builtIn, ...namesOfServers(env).map((name) => variablesOf(name).url)];
  if (set.length === 0)
    return warning("models", `no model is set up: only ${DEMO}, the rule-based stand-in`, SET_A_KEY);
  const provider = env.DEFAULT_MODEL?.split("/")[0];
  const needed = provider && Object.values(variablesOf(provider));
  if (needed && provider !== "demo" && !set.some((name) => needed.includes(name)))
    return failure(
      "models",
      `DEFAULT_MODEL is ${env.DEFAULT_MODEL}, but nothing is set for ${provider}`,
      `set ${variablesOf(provider).key}, or change DEFAULT_MODEL (openai/…, anthropic/…, gemini/…)`,
    );
  return ok("models", `${set.join(", ")} set${env.DEFAULT_MODEL ? `, default ${env.DEFAULT_MODEL}` : ""}`);
}
