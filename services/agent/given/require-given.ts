// What a run is given is looked at before it is accepted: the model takes the parameters, the plan the number of tools, and the run that it goes on from is
// there and the caller's.
import type { Caller } from "../../../contracts/access.ts";
import type { Given } from "../../../contracts/given.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { hasPicturesByAddress } from "../../../plugins/models/wire/pictures.ts";
import type { AgentContext } from "../context.ts";
import type { GivenContext } from "../given-context.ts";
import { pictureNotFetched } from "../model/ask-model.ts";
import type { RunDocument } from "../run-document.ts";
import { requireEarlier } from "./read-given.ts";

/**
 * @returns the session of the run that it goes on from, if it goes on from one
 * @throws run_not_found, session_busy while that run is still worked
 */
export async function sessionBefore(
  agent: AgentContext,
  caller: Caller,
  { before }: Given,
): Promise<SessionId | undefined> {
  if (typeof before === "string") return undefined;
  const { run } = await requireEarlier(agent, caller, before.run);
  if (run.finish_reason === null)
    throw new AppError(
      "session_busy",
      `The run ${run._id} has not ended yet: wait for its end, or cancel it.`,
    );
  return run.session_id;
}

/**
 * @returns the context document of a run that is being accepted
 * @throws invalid_request naming the first parameter that the run's model does not take, pictures that it may not fetch, or `tools` beyond the plan's number
 */
export async function takeGiven(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  given: Given,
): Promise<GivenContext> {
  await requireTaken(agent, caller, run, given);
  return draftContext(agent, run, given);
}

async function requireTaken(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  { messages, parameters, tools = [] }: Given,
): Promise<void> {
  const found = agent.models.find(run.model);
  if (found?.isLocal && hasPicturesByAddress(messages)) throw pictureNotFetched("given.messages");
  const refused = found?.provider.refuses(found.model, parameters);
  if (refused) throw fault(`given.parameters.${refused.name}`, refused.why);
  if (tools.length === 0) return;
  const { max_tools } = await agent.ask(caller, "quota.limits", {});
  if (max_tools !== null && tools.length > max_tools)
    throw fault("given.tools", `may have ${max_tools} tools in your plan, and has ${tools.length}`);
}

function fault(path: string, message: string): AppError {
  return new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}

/** A run that goes on from one without a context reads the session instead. */
async function draftContext(
  agent: AgentContext,
  run: RunDocument,
  { instructions, messages, before, tools, parameters, request }: Given,
): Promise<GivenContext> {
  const hasContext = typeof before === "string" || (await agent.contexts.get(before.run)) !== null;
  return {
    _id: run._id,
    user_id: run.user_id,
    session_id: run.session_id,
    ...(instructions === undefined ? {} : { instructions }),
    messages,
    before: hasContext ? before : "session",
    ...(tools ? { tools } : {}),
    parameters,
    ...(request ? { request } : {}),
    created_at: run.created_at,
  };
}
