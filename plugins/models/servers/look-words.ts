// What a look at a model server found, for a person: what it is and what to do. The same words in the banner, in `doctor` and
// in the list of models.
import { variablesOf } from "../provider-names.ts";
import { connectionWords } from "../wire/connection-words.ts";
import type { Refusal } from "../wire/refusals.ts";
import type { Look, ModelServer } from "./look.ts";

export type Fault = {
  /** Without its subject: "refuses the key (HTTP 401)". */
  what: string;
  fix: string;
};

/** Undefined when the server answers and has models. */
export function faultOf(look: Look, server: ModelServer): Fault | undefined {
  const { url } = variablesOf(server.provider);
  switch (look.state) {
    case "answers":
      return undefined;
    case "no_models":
      return {
        what: "answers, but has no models",
        fix: "load one there (Ollama: `ollama pull <model>`; LM Studio: load it in the app)",
      };
    case "silent":
      return {
        what: "takes connections, but does not answer",
        fix: `look into its log: it hangs, is loading a model, or ${url} leads to something else`,
      };
    case "absent":
      return absentFault(look, server, url);
    case "refuses":
      return refusalFault(look.why, look.status, server);
  }
}

function absentFault(
  { code, proxy }: Extract<Look, { state: "absent" }>,
  server: ModelServer,
  url: string,
): Fault {
  const { what, advice } = connectionWords(code, proxy);
  const isToStart = server.isOwn && code === "ECONNREFUSED" && proxy === undefined;
  if (isToStart) return { what, fix: `start it, or set ${url} to where it is` };
  return { what, fix: `${advice.replace(/\.$/, "")}${server.isOwn ? ` in ${url}` : ""}` };
}

function refusalFault(why: Refusal, status: number, { provider, hasKey }: ModelServer): Fault {
  const { key, url } = variablesOf(provider);
  const http = `(HTTP ${status})`;
  switch (why) {
    case "refused_key":
      return hasKey
        ? { what: `refuses the key ${http}`, fix: `set ${key} to a key that it accepts` }
        : { what: `wants a key ${http}`, fix: `set ${key}` };
    case "not_permitted":
      return { what: `does not let the key in ${http}`, fix: `check the rights of ${key}` };
    case "no_credit":
      return { what: `says that the account has no credit left ${http}`, fix: "check its billing" };
    case "rate_limited":
      return { what: `limits our requests now ${http}`, fix: "wait a while, or have the limit raised" };
    case "unknown_model":
    case "wrong_address":
      return {
        what: `has no list of models at this address ${http}`,
        fix: `check ${url}: most addresses end in /v1`,
      };
    case "overloaded":
      return {
        what: `has a fault of its own ${http}`,
        fix: "look into its log or at its status page, and try again",
      };
    default:
      return { what: `refuses to list its models ${http}`, fix: `check ${url} and ${key}` };
  }
}

/** The sentence about a model of that server. */
export function sentenceOf({ what, fix }: Fault, { provider }: ModelServer): string {
  return `the server of ${provider} ${what}: ${fix}`;
}
