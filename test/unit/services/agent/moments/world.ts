// Processes that share stores without a common transaction, each with the real services that a run's moments ask, and what they
// leave behind.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { pino } from "pino";
import type { CallId, RunId, SessionId } from "../../../../../contracts/ids.ts";
import { callAs } from "../../../../../lib/broker/action.ts";
import { Identity } from "../../../../../lib/broker/authorization.ts";
import { tellerOf } from "../../../../../lib/domain-events.ts";
import { openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import { callIdOf, newId } from "../../../../../lib/ids.ts";
import type { AuditRows } from "../../../../../lib/ports/audit.ts";
import { createBroker } from "../../../../../moleculer.config.ts";
import { openModels } from "../../../../../plugins/models/registry.ts";
import type { AgentContext } from "../../../../../services/agent/context.ts";
import { CONTEXTS, type GivenContext } from "../../../../../services/agent/given-context.ts";
import { auditAccepted, auditCall, auditStep } from "../../../../../services/agent/moments/audit-entries.ts";
import type { finish } from "../../../../../services/agent/moments/finish.ts";
import { soleOwner } from "../../../../../services/agent/ownership/sole-owner.ts";
import { draftRun } from "../../../../../services/agent/requests/draft-run.ts";
import {
  CALLS,
  type CallDocument,
  hasEnded,
  NO_USAGE,
  RUNS,
  type RunDocument,
  type StoredStep,
  SUMMARIES,
  type SummaryDocument,
} from "../../../../../services/agent/run-document.ts";
import { callsOfRun } from "../../../../../services/agent/runs/calls-of-run.ts";
import { quotaService } from "../../../../../services/quota.service.ts";
import { sessionsService } from "../../../../../services/sessions.service.ts";
import { toolsService } from "../../../../../services/tools.service.ts";
import { apart } from "../../../../support/apart-ports.ts";
import { randomOf } from "../../../../support/random.ts";
import { aUser } from "../../../../support/test-broker.ts";

export type Process = {
  agent: AgentContext;
  /** It stops at this crash point for ever, with everything it was about to do. */
  dieAt(point: string): void;
  died: Promise<void>;
  isDead(): boolean;
};
export type World = Awaited<ReturnType<typeof openWorld>>;

const DETAILS_THAT_DIFFER = /"(epoch|expires_at|run_id|session_id|message_id|call_id)":("[^"]*"|\d+),?/g;

export async function openWorld(seed: number) {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-moments-"));
  const embedded = openEmbeddedPorts({ home });
  const ports = apart(embedded, randomOf(seed));
  const caller = aUser({ service: "agent" });
  const runId = newId<RunId>("run");
  const sessionId = newId<SessionId>("session");
  const brokers: ServiceBroker[] = [];

  /** Where the dead lie until all is over. */
  const grave = Promise.withResolvers<void>();
  grave.promise.catch(() => undefined);

  function start(): Process {
    const death = Promise.withResolvers<void>();
    let point: string | undefined;
    let isDead = false;
    const crash = (reached: string) => {
      if (reached !== point) return undefined;
      isDead = true;
      death.resolve();
      return grave.promise;
    };
    const log = pino({ level: "silent" });
    const broker = createBroker({ ports, identity: new Identity(Buffer.alloc(32, 7)), log });
    for (const schema of [quotaService(), sessionsService({ crash }), toolsService()])
      broker.createService(schema);
    const started = broker.start();
    brokers.push(broker);
    const runs = ports.documents<RunDocument>(RUNS);
    const agent = {
      runs,
      calls: ports.documents<CallDocument>(CALLS),
      summaries: ports.documents<SummaryDocument>(SUMMARIES),
      contexts: ports.documents<GivenContext>(CONTEXTS),
      moments: ports.moments,
      objects: ports.objects,
      events: ports.events,
      audit: ports.audit,
      signals: ports.signals,
      work: ports.work,
      tell: tellerOf(ports.work, ports.outlet, "agent"),
      ask: async (as, name, params, options) => {
        await started;
        return callAs(broker, "agent", as, name, params, options);
      },
      models: openModels({ models: [], fallback: [] } as never),
      settings: { deadlineMs: 60_000, approvalMs: 60_000, maxSteps: 5 },
      log,
      metrics: broker.core.metrics,
      tracing: broker.core.tracing,
      crash,
      owned: {
        owner: broker.nodeID,
        active: new Map(),
        deadlines: new Map(),
        accepting: new Map(),
        lines: new Set(),
        handedOver: new Set(),
        draining: false,
      },
      owners: soleOwner(broker.nodeID),
      closed: { add: () => {}, has: () => false, write: async () => {} },
    } as Omit<AgentContext, "asker"> as AgentContext;
    const dieAt = (wanted: string) => {
      point = wanted;
    };
    return { agent, dieAt, died: death.promise, isDead: () => isDead };
  }

  const runOf = (process: Process) => process.agent.runs.get(runId) as Promise<RunDocument>;

  return {
    caller,
    runId,
    events: ports.events,
    start,
    draft(process: Process): RunDocument {
      const request = { body: { message: "hello" } } as never;
      const drafted = draftRun(process.agent, caller, request, undefined);
      return { ...drafted, _id: runId, session_id: sessionId };
    },
    /** Every call of the run has its result. */
    async endCalls(process: Process): Promise<void> {
      for (const call of await callsOfRun(process.agent, await runOf(process)))
        if (!hasEnded(call))
          await process.agent.calls.compareAndSet(
            call._id,
            {},
            {
              $set: { status: "done", result: { ok: true, data: call.index }, duration_ms: 1 },
            },
          );
    },
    async finish(process: Process, end: typeof finish): Promise<void> {
      const run = await runOf(process);
      await end({
        agent: process.agent,
        caller,
        run,
        calls: await callsOfRun(process.agent, run),
        ending: { status: "completed", finish_reason: "stop" },
        ...(run.finish_reason === null ? { lastStep: { ...aStep(run, 0), number: 2, content: "done" } } : {}),
      });
    },
    /** As an owner that takes over does (events/reopen.ts). */
    async auditAgain({ agent }: Process): Promise<void> {
      const run = (await agent.runs.get(runId)) as RunDocument;
      await auditAccepted(agent, run);
      for (const step of run.steps) if (step.calls.length > 0) await auditStep(agent, run, step);
      for (const call of await callsOfRun(agent, run)) await auditCall(agent, call);
    },
    /** All that the run has left, without what tells one owner or moment of time from another. */
    async picture({ agent }: Process) {
      const run = await runOf({ agent } as Process);
      const { session } = await agent.ask(caller, "sessions.get", { id: sessionId });
      const { messages } = await agent.ask(caller, "sessions.history", { id: sessionId });
      const { today } = await agent.ask(caller, "quota.usage", { days: 1 });
      const rows = await (embedded.audit as unknown as AuditRows).rows("embedded", 0, 1_000);
      return {
        run: [run.status, run.finish_reason, run.steps.length, run.cancel_requested, run.usage],
        calls: (await callsOfRun(agent, run)).map(({ status, result, approval }) => [
          status,
          result,
          approval?.decision,
        ]),
        session: [session.message_count, session.active_run_id === runId, session.active_run_id === null],
        messages: messages.map(({ role, content, tool_calls }) => [role, content, tool_calls?.length ?? 0]),
        quota: [today.requests, today.input_tokens, today.remaining],
        holds: (await agent.ask(caller, "quota.holds", {} as never)).length,
        audit: rows
          .map(({ entry, details }) => `${entry} ${details.replace(DETAILS_THAT_DIFFER, "")}`)
          .toSorted(),
      };
    },
    async close(): Promise<void> {
      grave.reject(new Error("it is over"));
      await Promise.all(brokers.map((broker) => broker.stop()));
      await embedded.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The run's first step, with so many calls. */
export function aStep(run: RunDocument, calls: number): StoredStep {
  return {
    number: 1,
    status: "complete",
    content: "I look.",
    reasoning: "",
    model: run.model,
    usage: { ...NO_USAGE, input_tokens: 10, output_tokens: 5 },
    calls: Array.from({ length: calls }, (_, index) => ({
      call_id: callIdOf(run._id, 1, index),
      wire_id: `w${index}`,
      name: "append_file",
      arguments: "{}",
    })),
  };
}

export function aCall(run: RunDocument, index: number): CallDocument {
  return {
    _id: callIdOf(run._id, 1, index) as CallId,
    run_id: run._id,
    user_id: run.user_id,
    session_id: run.session_id,
    step: 1,
    index,
    epoch: run.epoch,
    wire_id: `w${index}`,
    name: "append_file",
    args: {},
    node_id: null,
    risk: "write",
    decision: "ask",
    status: "pending",
    idempotent: false,
    timeout_ms: 1_000,
    attempt: 1,
    result: null,
    duration_ms: null,
    approval: null,
    asked: null,
  };
}
