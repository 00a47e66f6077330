// The moment "model answered": the step with its full text, calls and usage. No tool starts before it is durable.
import { isType } from "../../../lib/errors.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import { addUsage, type CallDocument, type RunDocument, type StoredStep } from "../run-document.ts";
import { auditCall, auditStep } from "./audit-entries.ts";
import { writeAsOwner } from "./write-as-owner.ts";

type Answered = {
  agent: AgentContext;
  run: RunDocument;
  step: StoredStep;
  calls: CallDocument[];
  /** Running time until now in milliseconds, so that a new owner does not begin the deadline anew. */
  ranMs: number;
};

export const MODEL_ANSWERED: Moment<Answered> = {
  key: "model",
  operations: [
    { name: "answered", do: storeStep },
    { name: "called", do: storeCalls },
    { name: "audited", do: audit },
  ],
};

/**
 * Writes the step and its calls. Repeated after a crash for a step that is there, it writes the calls that are missing.
 * @throws stale_epoch when another process owns the run now
 */
export async function modelAnswered(
  answered: Answered,
): Promise<{ run: RunDocument; calls: CallDocument[] }> {
  const { run, calls } = await perform(answered.agent, MODEL_ANSWERED, answered);
  return { run, calls };
}

async function storeStep({ agent, run, step, ranMs }: Answered): Promise<Partial<Answered> | undefined> {
  if (run.steps.length >= step.number) return undefined;
  const written = await writeAsOwner(
    agent,
    run,
    {
      $push: { steps: step },
      $set: { usage: addUsage(run.usage, step.usage), takeovers: 0, ran_ms: ranMs },
    },
    { [`steps.${step.number - 1}`]: null },
  );
  return { run: written };
}

async function storeCalls({ agent, calls }: Answered): Promise<Partial<Answered>> {
  const stored: CallDocument[] = [];
  for (const call of calls) stored.push(await storeCall(agent, call));
  return { calls: stored };
}

async function storeCall({ calls }: AgentContext, call: CallDocument): Promise<CallDocument> {
  try {
    return await calls.insert(call);
  } catch (thrown) {
    const known = isType(thrown, "duplicate_key") ? await calls.get(call._id) : null;
    if (!known) throw thrown;
    return known;
  }
}

async function audit({ agent, run, step, calls }: Answered): Promise<undefined> {
  await Promise.all([auditStep(agent, run, step), ...calls.map((call) => auditCall(agent, call))]);
}
