// The agent: accepts runs, works them, answers for them. What a client asks for is in `agent/requests`, what belongs together when
// a run changes in `agent/moments`, the work on a run in `agent/loop`, what the model sees in `agent/prompt`, what happens to runs
// without an owner in `agent/ownership`.
import { adminListRunsParams } from "../contracts/admin-runs.ts";
import * as contract from "../contracts/agent.ts";
import { delegatedParams, delegateParams } from "../contracts/delegated-tasks.ts";
import { countTokensParams } from "../contracts/given.ts";
import { emptyParams } from "../contracts/quota.ts";
import { askModelParams, runOfToolParams } from "../contracts/tool-runs.ts";
import { userParams } from "../contracts/users.ts";
import { action, callAs } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { hasElsewhere, servicesThere } from "../lib/broker/services-there.ts";
import type { Crash } from "../lib/crash-points.ts";
import { logOf } from "../lib/log.ts";
import { metricsOf } from "../lib/metrics.ts";
import { tracingOf } from "../lib/tracing/tracing.ts";
import { audit } from "../mixins/audit.ts";
import { collections } from "../mixins/documents.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { durableWork } from "../mixins/durable-work.ts";
import { moments } from "../mixins/moments.ts";
import { objects } from "../mixins/objects.ts";
import { runEventLog } from "../mixins/run-events.ts";
import { signals } from "../mixins/signals.ts";
import { userData } from "../mixins/user-data.ts";
import type { ModelRegistry } from "../plugins/models/registry.ts";
import type { ModelAsker } from "./agent/asked.ts";
import type { AgentContext, AgentSettings } from "./agent/context.ts";
import { CONTEXTS, type GivenContext } from "./agent/given-context.ts";
import { ClosedRuns } from "./agent/moments/finish.ts";
import { drain, letGoOfAll } from "./agent/ownership/drain.ts";
import { LeasedOwners, OWNERS, type OwnerDocument } from "./agent/ownership/leased-owners.ts";
import { soleOwner } from "./agent/ownership/sole-owner.ts";
import { Sweep } from "./agent/ownership/sweep.ts";
import { approveCall } from "./agent/requests/approve-call.ts";
import { cancelAs, cancelRun } from "./agent/requests/cancel-run.ts";
import { requireModel } from "./agent/requests/draft-run.ts";
import { drainProcess } from "./agent/requests/drain-process.ts";
import { handOverRun } from "./agent/requests/hand-over-run.ts";
import { cancelRuns, endSession, removeUser } from "./agent/requests/remove-runs.ts";
import { Starts } from "./agent/requests/start-once.ts";
import {
  CALLS,
  type CallDocument,
  RUNS,
  type RunDocument,
  SUMMARIES,
  type SummaryDocument,
} from "./agent/run-document.ts";
import { adminListRuns, adminRunView, anyRun, journalOf } from "./agent/runs/admin-runs.ts";
import { listApprovals } from "./agent/runs/list-approvals.ts";
import { getRun, listRuns, withCalls } from "./agent/runs/read-runs.ts";
import { askForTool, runOfTool } from "./agent/tasks/ask-for-tool.ts";
import { delegateTask } from "./agent/tasks/delegate.ts";
import { listTasks } from "./agent/tasks/list-tasks.ts";
import { REPORT_ATTEMPTS, reportTask, TASK_REPORTS } from "./agent/tasks/report-task.ts";

/** Services that working a run takes. */
const NEEDED = ["users", "quota", "sessions", "tools", "nodes", "node"];

/** Questions of tools to models under way at once in this process. */
const ASKED_AT_ONCE = 200;

const MIXINS = [
  collections,
  objects,
  moments,
  runEventLog,
  audit,
  signals,
  domainEvents,
  durableWork,
] as const;
type AgentService = With<typeof MIXINS> & { context: AgentContext; starts: Starts; sweep: Sweep };
type Options = AgentSettings & {
  models: ModelRegistry;
  asker: ModelAsker;
  crash: Crash;
  /** There are other agents on the same stores. */
  hasPeers?: boolean;
};

const CHAT = { kind: "user", scope: "chat" } as const;
const READ = { kind: "user", scope: ["chat", "sessions:read"] } satisfies {
  kind: "user";
  scope: ("chat" | "sessions:read")[];
};
const APPROVE = { kind: "user", scope: "approve" } as const;
const ADMIN = { kind: "user", scope: "admin", admin: true } as const;
const INTERNAL = { kind: "internal" } as const;

/** Loaded where a run has come through another door than our own. */
const givenRuns = () => import("./agent/given/shown-given.ts");

/** Loaded when an admin wants to know. */
const shownModels = () => import("./agent/model/show-models.ts");

/** @param settings read anew whenever they are needed: they may change while the service runs */
export function agentService(settings: Options) {
  const { models, asker, crash, hasPeers = false } = settings;
  return defineService<"agent", AgentService>({
    name: "agent",
    mixins: [
      ...MIXINS,
      userData<AgentService>({
        timeout: 120_000,
        remove(user) {
          return removeUser(this.context, user);
        },
      }),
    ],
    actions: {
      start: action({
        access: CHAT,
        input: contract.startParams,
        async handler(this: AgentService, { body, given, idempotency_key }, caller, ctx) {
          const started = await this.starts.start(caller, { body, given }, idempotency_key);
          const { run_id, session_id, attached } = started;
          this.context.log.info(
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
          return { run: await withCalls(this.context, await cancelRun(this.context, caller, run_id)) };
        },
      }),
      cancelCall: action({
        access: CHAT,
        input: contract.callParams,
        async handler(this: AgentService, params, caller) {
          const { stopCall } = await import("./agent/requests/stop-call.ts");
          return { call: await stopCall(this.context, caller, params) };
        },
      }),
      get: action({
        access: READ,
        input: contract.runParams,
        async handler(this: AgentService, { run_id }, caller) {
          return { run: await getRun(this.context, caller, run_id) };
        },
      }),
      given: action({
        access: READ,
        input: contract.runParams,
        async handler(this: AgentService, { run_id }, caller) {
          return (await givenRuns()).shownGiven(this.context, caller, run_id);
        },
      }),
      forget: action({
        access: CHAT,
        input: contract.runParams,
        timeout: 70_000,
        async handler(this: AgentService, { run_id }, caller) {
          await (await givenRuns()).forgetGiven(this.context, caller, run_id);
          return null;
        },
      }),
      list: action({
        access: READ,
        input: contract.listRunsParams,
        handler(this: AgentService, params, caller) {
          return listRuns(this.context, caller, params);
        },
      }),
      approve: action({
        access: APPROVE,
        input: contract.approveParams,
        async handler(this: AgentService, answer, caller) {
          return { approval: await approveCall(this.context, caller, answer) };
        },
      }),
      approvals: action({
        access: READ,
        input: emptyParams,
        async handler(this: AgentService, _params, caller) {
          return { approvals: await listApprovals(this.context, caller) };
        },
      }),
      models: action({
        access: READ,
        input: emptyParams,
        async handler(this: AgentService) {
          return { models: await models.list(), default: models.default };
        },
      }),
      adminModels: action({
        access: ADMIN,
        input: emptyParams,
        async handler(this: AgentService) {
          return (await shownModels()).showModels(this.context, this.broker);
        },
      }),
      modelsHealth: action({
        access: INTERNAL,
        input: emptyParams,
        async handler(this: AgentService) {
          return (await shownModels()).healthHere(this.context);
        },
      }),
      countTokens: action({
        access: CHAT,
        input: countTokensParams,
        async handler(this: AgentService, question) {
          const { countTokens } = await import("./agent/requests/count-tokens.ts");
          return countTokens(this.context, question);
        },
      }),
      adminList: action({
        access: ADMIN,
        input: adminListRunsParams,
        handler(this: AgentService, params) {
          return adminListRuns(this.context, params);
        },
      }),
      adminJournal: action({
        access: ADMIN,
        input: contract.runParams,
        handler(this: AgentService, { run_id }) {
          return journalOf(this.context, run_id);
        },
      }),
      adminCancel: action({
        access: ADMIN,
        input: contract.runParams,
        async handler(this: AgentService, { run_id }, admin) {
          const run = await anyRun(this.context, run_id);
          return { run: adminRunView(await cancelAs(this.context, admin, run)) };
        },
      }),
      adminHandOver: action({
        access: ADMIN,
        input: contract.runParams,
        handler(this: AgentService, { run_id }, admin) {
          return handOverRun(this.context, admin, run_id);
        },
      }),
      adminDrain: action({
        access: ADMIN,
        input: emptyParams,
        handler(this: AgentService, _params, admin) {
          return drainProcess(this.context, admin, {
            hasOther: hasElsewhere(this.broker, "agent"),
            end: () => this.broker.destroyService(this),
          });
        },
      }),
      runOfTool: action({
        access: INTERNAL,
        input: runOfToolParams,
        handler(this: AgentService, { run_id }, caller) {
          return runOfTool(this.context, caller, run_id);
        },
      }),
      askModel: action({
        access: INTERNAL,
        input: askModelParams,
        timeout: 0,
        concurrency: ASKED_AT_ONCE,
        handler(this: AgentService, params, caller) {
          return askForTool(this.context, caller, params);
        },
      }),
      delegate: action({
        access: INTERNAL,
        input: delegateParams,
        handler(this: AgentService, params, caller) {
          return delegateTask(this.context, caller, params);
        },
      }),
      delegated: action({
        access: INTERNAL,
        input: delegatedParams,
        async handler(this: AgentService, params, caller) {
          return { tasks: await listTasks(this.context, caller, params) };
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
        input: contract.endSessionParams,
        timeout: 60_000,
        async handler(this: AgentService, { session_id }, caller) {
          await endSession(this.context, caller, session_id);
          return null;
        },
      }),
      cancelRuns: action({
        access: INTERNAL,
        input: userParams,
        async handler(this: AgentService, { user_id }) {
          await cancelRuns(this.context, user_id);
          return null;
        },
      }),
    },
    created() {
      const { ports } = this;
      const log = logOf(this.broker, "agent");
      const metrics = metricsOf(this.broker);
      const runs = ports.documents<RunDocument>(RUNS);
      this.context = {
        runs,
        calls: ports.documents<CallDocument>(CALLS),
        summaries: ports.documents<SummaryDocument>(SUMMARIES),
        contexts: ports.documents<GivenContext>(CONTEXTS),
        moments: ports.moments,
        objects: ports.objects,
        events: ports.events,
        audit: ports.audit,
        signals: ports.signals,
        tell: this.tell,
        work: ports.work,
        ask: (caller, name, params, { asThemselves = false, ...options } = {}) =>
          callAs(this.broker, asThemselves ? "" : "agent", caller, name, params, options),
        models,
        asker,
        settings,
        log,
        metrics,
        tracing: tracingOf(this.broker),
        crash,
        owned: {
          owner: this.broker.nodeID,
          active: new Map(),
          deadlines: new Map(),
          accepting: new Map(),
          lines: new Set(),
          handedOver: new Set(),
          draining: false,
        },
        owners: hasPeers
          ? new LeasedOwners({
              me: this.broker.nodeID,
              documents: ports.documents<OwnerDocument>(OWNERS),
              log,
            })
          : soleOwner(this.broker.nodeID),
        closed: new ClosedRuns(runs, log),
      };
      const { active } = this.context.owned;
      metrics.watch("macjarvis_runs_active", "gauge", "Runs that are worked on now.", () => active.size);
      // There from the start: else the first one would be no increase.
      for (const rare of ["macjarvis_runs_taken_over_total", "macjarvis_leases_lost_total"] as const)
        metrics.add(rare, {}, 0);
      this.starts = new Starts(this.context);
      this.sweep = new Sweep(this.context, () => servicesThere(this.broker, NEEDED));
    },
    async started() {
      await this.context.owners.start(() => letGoOfAll(this.context));
      this.sweep.start();
      this.ports.work.handle(TASK_REPORTS, (item) => reportTask(this.context, item), {
        maxAttempts: REPORT_ATTEMPTS,
      });
    },
    async stopped() {
      this.sweep.stop();
      await drain(this.context);
      await this.context.owners.stop();
    },
  });
}
