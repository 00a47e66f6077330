// Checks the key and the models: as the running server says, else as the environment would set them up.
import type { ModelInfo } from "../../contracts/agent.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { listFaults, providerFault, variablesOf } from "../../plugins/models/provider-names.ts";
import { examineServers } from "../../plugins/models/servers/examine.ts";
import { modelSettings } from "../start/model-settings.ts";
import { Server } from "../terminal/server.ts";
import type { ServerAccess } from "../terminal/server-access.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
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

/** How the models' servers are, as the environment sets them up. */
export async function checkModelServers(
  env: Environment,
  { doctor, said }: Texts = textsFor("en"),
): Promise<Finding[]> {
  const check = "model server";
  const examined = await examineServers(modelSettings(env));
  return examined.map(({ provider, origin, fault }) => {
    const subject = doctor.modelServer(provider, origin);
    return fault
      ? failure(check, doctor.modelServerFault(subject, said(fault.what)), said(fault.fix), "fault")
      : ok(check, doctor.modelServerFine(subject));
  });
}

/** Of a server that runs. */
export async function checkServedModels(
  access: ServerAccess,
  texts: Texts = textsFor("en"),
): Promise<Finding[]> {
  const { doctor } = texts;
  if (access.keyProblem) return [failure("key", doctor.keyMissing, access.keyProblem, "missing")];
  try {
    const answer = await new Server(access, texts).json<{ models: ModelInfo[]; default: string }>(
      "GET",
      "/agent/models",
    );
    return [ok("key", doctor.keyFine(access.url)), ...servedModels(answer, texts)];
  } catch (thrown) {
    return [failure("key", doctor.modelsUntold, toError(thrown).message, "refused")];
  }
}

function servedModels(
  { models, default: byDefault }: { models: ModelInfo[]; default: string },
  { doctor, said }: Texts,
): Finding[] {
  const usable = models.filter(({ available, id }) => available && id !== DEMO);
  const chosen = models.find(({ id }) => id === byDefault);
  const about = (reason: string | undefined) => reason?.match(/^(the server of \S+ .*?): (.*)$/s) ?? [];
  if (chosen && !chosen.available) {
    const [, what, fix] = about(chosen.reason);
    const todo = said(fix ?? chosen.reason ?? doctor.setAKey);
    return [failure("models", doctor.defaultGone(byDefault, said(what ?? "")), todo, "default_gone")];
  }
  const others = [...new Set(models.map(({ reason }) => reason))].flatMap((reason) => {
    const [, what, fix] = about(reason);
    return what !== undefined && fix !== undefined
      ? [warning("models", said(what), said(fix), "server_fault")]
      : [];
  });
  if (usable.length === 0)
    return [warning("models", doctor.onlyDemo, doctor.setAKey, "only_demo"), ...others];
  return [ok("models", doctor.modelsFine(byDefault, usable.length)), ...others];
}

/** Models that the environment names and nothing serves: the server starts all the same, and never uses them. */
export function checkModelNames(env: Environment, { doctor, said }: Texts = textsFor("en")): Finding[] {
  return listFaults(env).map((fault) => failure("models", said(fault), doctor.modelVariable, "unknown_name"));
}

/** Of the environment, when no server runs. */
export function checkModelSettings(env: Environment, { doctor, said }: Texts = textsFor("en")): Finding {
  const fault = env.DEFAULT_MODEL && providerFault(env.DEFAULT_MODEL, namesOfServers(env));
  if (fault)
    return failure("models", doctor.defaultModelIs(env.DEFAULT_MODEL ?? ""), said(fault), "unknown_default");
  const builtIn = PROVIDER_VARIABLES.filter((name) => env[name] !== undefined);
  const set = [...builtIn, ...namesOfServers(env).map((name) => variablesOf(name).url)];
  if (set.length === 0) return warning("models", doctor.noModel, doctor.setAKey, "only_demo");
  const provider = env.DEFAULT_MODEL?.split("/")[0];
  const needed = provider && Object.values(variablesOf(provider));
  if (needed && provider !== "demo" && !set.some((name) => needed.includes(name)))
    return failure(
      "models",
      doctor.providerUnset(env.DEFAULT_MODEL ?? "", provider),
      doctor.providerUnsetFix(variablesOf(provider).key),
      "default_unset",
    );
  return ok("models", doctor.modelsSet(set.join(", "), env.DEFAULT_MODEL));
}
