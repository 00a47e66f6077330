// The agent: accepts runs, works them, answers for them. The run engine is in `agent/engine`, its journal in
// `agent/journal`, what a client asks for in `agent/accept`, what the model sees in `agent/context`.
import type { Service } from "moleculer";
import { z } from "zod";
import * as contract from "../contracts/agent.ts";
import type { RunId } from "../contracts/ids.ts";
import { sessionId } from "../contracts/ids.ts";
import { emptyParams } from "../contracts/quota.ts";
import { userParams } from "../contracts/users.ts";
import { action } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { Crash } from "../lib/crash-points.ts";
import { logOf } from "../lib/log.ts";
import { metricsOf } from "../lib/metrics.ts";
import { portsOf } from "../lib/ports/ports.ts";
import type { ModelRegistry } from "../plugins/models/registry.ts";
import { approveCall } from "./agent/accept/approve-call.ts";
import { Starts } from "./agent/accept/attach.ts";
import { cancelRun } from "./agent/accept/cancel-run.ts";
import { requireModel } from "./agent/accept/choose-model.ts";
import { getRun, listRuns, withCalls } from "./agent/accept/read-runs.ts";
import { cancelRuns, endSession, removeUser } from "./agent/accept/remove-runs.ts";
import { SUMMARIES, type SummaryDocument } from "./agent/context/summarise.ts";
import { drain } from "./agent/drain.ts";
import { ClosedRuns } from "./agent/journal/close-run.ts";
import type { ModelAsker } from "./agent/model/ask-model.ts";
import type { AgentSettings, Rooms } from "./agent/rooms.ts";
import { CALLS, type CallDocument, RUNS, type RunDocument } from "./agent/run-document.ts";
import { Sweep } from "./agent/sweep.ts";

type AgentService = Service & { rooms: Rooms; starts: Starts; sweep: Sweep };
type Options = AgentSettings & { models: ModelRegistry; asker: ModelAsker; crash: Crash };

const CHAT = { kind: "user", scope: "chat" } as const;
const READ = { kind: "user", scope: ["chat", "sessions:read"] } satisfies {
  kind: "user";
  scope: ("chat" | "sessions:read")[];
};
const APPROVE = { kind: "user", scope: "approve" } as const;
const INTERNAL = { kind: "internal" } as const;

export function agentService({ models, asker, crash, ...settings }: Options) {
  return defineService<AgentService>({
    name: "agent",
    actions: {
      start: action({
        access: CHAT,
        input: contract.startParams,
        async handler(this: AgentService, { body, idempotency_key }, caller, ctx) {
          const started = await this.starts.start(caller, body, idempotency_key);
          const { run_id, session_id, attached } = started;
          this.rooms.log.info(
            { request_id: ctx.requestID, run_id, session_id, user_id: caller.user_id },
            attached ? "run attached" : "run accepted",
          );
          return started;
        },
      }),
      cancel: action({
        access: CHAT,
        input: contract.runParams,
        async handler(this: AgentService, { run_id }, caller) {
          return { run: await withCalls(this.rooms, await cancelRun(this.rooms, caller, run_id)) };
        },
      }),
      get: action({
        access: READ,
        input: contract.runParams,
        async handler(this: AgentService, { run_id }, caller) {
          return { run: await getRun(this.rooms, caller, run_id) };
        },
      }),
      list: action({
        access: READ,
        input: contract.listRunsParams,
        handler(this: AgentService, params, caller) {
          return listRuns(this.rooms, caller, params);
        },
      }),
      approve: action({
        access: APPROVE,
        input: contract.approveParams,
        async handler(this: AgentService, answer, caller) {
          return { approval: await approveCall(this.rooms, caller, answer) };
        },
      }),
      models: action({
        access: READ,
        input: emptyParams,
        async handler(this: AgentService) {
          return { models: await models.list(), default: models.default };
        },
      }),
      requireModel: action({
        access: INTERNAL,
        input: contract.modelParams,
        async handler(this: AgentService, { model }) {
          requireModel(models, model);
          return null;
        },
      }),
      endSession: action({
        access: INTERNAL,
        input: z.strictObject({ session_id: sessionId, ...userParams.shape }),
        timeout: 60_000,
        async handler(this: AgentService, { session_id }, caller) {
          await endSession(this.rooms, caller, session_id);
          return null;
        },
      }),
      cancelRuns: action({
        access: INTERNAL,
        input: userParams,
        async handler(this: AgentService, { user_id }) {
          await cancelRuns(this.rooms, user_id);
          return null;
        },
      }),
      removeUser: action({
        access: INTERNAL,
        input: userParams,
        timeout: 120_000,
        async handler(this: AgentService, { user_id }) {
          await removeUser(this.rooms, user_id);
          return null;
        },
      }),
    },
    created() {
      const ports = portsOf(this.broker);
      this.rooms = {
        broker: this.broker,
        owner: this.broker.nodeID,
        ports,
        runs: ports.documents<RunDocument>(RUNS),
        calls: ports.documents<CallDocument>(CALLS),
        summaries: ports.documents<SummaryDocument>(SUMMARIES),
        models,
        asker,
        settings,
        log: logOf(this.broker, "agent"),
        crash,
        active: new Map<RunId, never>(),
        deadlines: new Map<RunId, number>(),
        accepting: new Set(),
        lines: new Set(),
        closed: new ClosedRuns(() => this.rooms),
        draining: false,
      };
      this.starts = new Starts(this.rooms);
      metricsOf(this.broker).watch(
        "macjarvis_runs_active",
        "gauge",
        "Runs that are worked on now.",
        () => this.rooms.active.size,
      );
      this.sweep = new Sweep(this.rooms);
    },
    async started() {
      this.sweep.start();
    },
    async stopped() {
      this.sweep.stop();
      await drain(this.rooms);
    },
  });
}
