// Tools: the catalogue of what the caller's nodes can do, policy, and the way of a call to its node. Runs nothing itself.
import type { ServiceSchema } from "moleculer";
import { approveParams } from "../contracts/agent.ts";
import { setMemoryParams } from "../contracts/memory.ts";
import { chainParams } from "../contracts/node-chain.ts";
import { policyParams } from "../contracts/policy.ts";
import { emptyParams } from "../contracts/quota.ts";
import type { SearchProvider } from "../contracts/server-tools.ts";
import { type LeftBy, RULES_CHANGED, type RulesChanged } from "../contracts/signals.ts";
import * as contract from "../contracts/tools.ts";
import { action, callAs } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import type { Crash } from "../lib/crash-points.ts";
import { newId } from "../lib/ids.ts";
import { logOf } from "../lib/log.ts";
import { settingsOf } from "../lib/settings/live-settings.ts";
import { audit } from "../mixins/audit.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { moments } from "../mixins/moments.ts";
import { signals } from "../mixins/signals.ts";
import { sql } from "../mixins/sql.ts";
import { userData } from "../mixins/user-data.ts";
import { listFor, MEMORY_SCOPE, offerFor } from "./tools/catalogue.ts";
import { answerQuestion } from "./tools/direct/answer-question.ts";
import { executeDirectly } from "./tools/direct/execute-directly.ts";
import { DirectCalls } from "./tools/direct/most-at-once.ts";
import { OpenCalls } from "./tools/direct/open-calls.ts";
import { Questions } from "./tools/direct/questions.ts";
import { Edge } from "./tools/hub/edge.ts";
import type { EdgeSettings } from "./tools/hub/hub.ts";
import type { Machines } from "./tools/machines/machines.ts";
import { Memories } from "./tools/memory/memories.ts";
import { writeMemories } from "./tools/memory/write-memories.ts";
import { planCalls } from "./tools/plan-calls.ts";
import { forgetRulesOfSession, rememberAnswer, setRules, showRules } from "./tools/policy/change-rules.ts";
import { checkPolicy } from "./tools/policy/check-policy.ts";
import { Rules } from "./tools/policy/rules.ts";
import { Queue } from "./tools/queue/queue.ts";
import { forgetUser, lengthsOf } from "./tools/queue/queued-calls.ts";
import { readChain } from "./tools/read-chain.ts";
import { sendCall } from "./tools/send-call.ts";
import { cancelCall, fenceCall } from "./tools/sent-calls.ts";
import { Claims } from "./tools/server/claims.ts";
import { openServer } from "./tools/server/open-server.ts";
import { MIGRATIONS, type ToolsTables } from "./tools/tables.ts";

const MIXINS = [sql<ToolsTables>({ ...MIGRATIONS }), audit, moments, signals, domainEvents] as const;
type ToolsService = With<typeof MIXINS> & {
  rules: Rules;
  claims: Claims;
  memories: Memories;
  direct: DirectCalls;
  open: OpenCalls;
  questions: Questions;
  crash: Crash;
  machines: Machines;
  queue: Queue;
  stopServer?: () => Promise<void>;
  edge?: Edge;
};

/** Calls under way at once in this process; each waits for its node. */
const CONCURRENCY = 500;
const INTERNAL = { kind: "internal" } as const;

type Settings = {
  /** Where Macs join; none can without it. */
  edge?: EdgeSettings | undefined;
  /** Where the web is searched; `web_search` is not offered without it. */
  search?: SearchProvider | undefined;
  /** There are other processes of this service on the same stores. */
  hasPeers?: boolean;
  /** For tests: dies on the way of a call to a Mac and back (tools/crash-points.ts). */
  crash?: Crash;
};

export function toolsService({
  edge,
  search,
  hasPeers = false,
  crash = () => undefined,
}: Settings = {}): ServiceSchema {
  return defineService<"tools", ToolsService>({
    name: "tools",
    mixins: [
      ...MIXINS,
      userData<ToolsService>({
        async remove(user) {
          await this.rules.replace(user, []);
          await forgetUser(this.sql, user);
          await this.memories.replace(user, []);
          await this.claims.removeUser(user);
          await this.questions.forgetUser(user);
        },
      }),
    ],
    actions: {
      list: action({
        access: { kind: "user", scope: ["chat", "tools:execute", "sessions:read"] },
        input: contract.listToolsParams,
        async handler(this: ToolsService, where, caller) {
          const [listed, { max_tools }] = await Promise.all([
            listFor(this.machines, caller, where),
            callAs(this.broker, "tools", caller, "quota.limits", {}),
          ]);
          const left_out = max_tools === null ? [] : listed.tools.slice(max_tools).map(({ name }) => name);
          return { ...listed, left_out };
        },
      }),
      offer: action({
        access: INTERNAL,
        input: contract.listToolsParams,
        handler(this: ToolsService, where, caller) {
          return offerFor(this, caller, where);
        },
      }),
      memory: action({
        access: { kind: "user", scope: MEMORY_SCOPE },
        input: emptyParams,
        async handler(this: ToolsService, _params, caller) {
          return { memories: await this.memories.of(caller.user_id) };
        },
      }),
      setMemory: action({
        access: { kind: "user", scope: MEMORY_SCOPE },
        input: setMemoryParams,
        async handler(this: ToolsService, { memories }, caller) {
          return { memories: await writeMemories(this, caller, memories) };
        },
      }),
      forgetMemory: action({
        access: { kind: "user", scope: MEMORY_SCOPE },
        input: emptyParams,
        async handler(this: ToolsService, _params, caller) {
          await writeMemories(this, caller, []);
          return null;
        },
      }),
      execute: action({
        access: { kind: "user", scope: "tools:execute" },
        input: contract.executeToolParams,
        timeout: 0,
        concurrency: CONCURRENCY,
        handler(this: ToolsService, params, caller, ctx) {
          const { left_by } = ctx.meta as LeftBy;
          return this.direct.run(caller.user_id, () => executeDirectly(this, caller, params, left_by));
        },
      }),
      questions: action({
        access: { kind: "user", scope: ["chat", "sessions:read"] },
        input: emptyParams,
        async handler(this: ToolsService, _params, caller) {
          return { approvals: await this.questions.open(caller) };
        },
      }),
      answer: action({
        access: { kind: "user", scope: "approve" },
        input: approveParams,
        async handler(this: ToolsService, answer, caller) {
          return { approval: await answerQuestion(this, caller, answer) };
        },
      }),
      policy: action({
        access: { kind: "user", scope: "account" },
        input: emptyParams,
        async handler(this: ToolsService, _params, caller) {
          return { rules: await showRules(this, caller) };
        },
      }),
      setPolicy: action({
        access: { kind: "user", scope: "account" },
        input: policyParams,
        async handler(this: ToolsService, { rules }, caller) {
          await setRules(this, caller, rules);
          return { rules };
        },
      }),
      checkPolicy: action({
        access: { kind: "user", scope: "account" },
        input: contract.checkPolicyParams,
        handler(this: ToolsService, call, caller) {
          return checkPolicy(this, caller, call);
        },
      }),
      plan: action({
        access: INTERNAL,
        input: contract.planParams,
        async handler(this: ToolsService, { calls, session_id, offered, at, ...where }, caller) {
          const nodes = await this.machines.usable(caller, where);
          const circumstances = {
            caller,
            nodes,
            rules: await this.rules.of(caller.user_id),
            defaults: settingsOf(this.broker).now.policy,
            ...{ session_id, offered, at },
          };
          const planned = await planCalls(this.machines, calls, circumstances);
          return { calls: planned.map(({ plan }) => plan) };
        },
      }),
      fileBefore: action({
        access: INTERNAL,
        input: contract.fileBeforeParams,
        concurrency: CONCURRENCY,
        async handler(this: ToolsService, file, caller) {
          const { fileBefore } = await import("./tools/direct/file-before.ts");
          return fileBefore(this, caller, file);
        },
      }),
      run: action({
        access: INTERNAL,
        input: contract.runCallParams,
        timeout: 0,
        concurrency: CONCURRENCY,
        handler(this: ToolsService, call, caller) {
          return sendCall(this, caller, call);
        },
      }),
      wait: action({
        access: INTERNAL,
        input: contract.waitCallParams,
        timeout: 0,
        concurrency: CONCURRENCY,
        handler(this: ToolsService, call, caller) {
          return this.queue.wait(caller, call);
        },
      }),
      queue: action({
        access: { kind: "user", scope: ["nodes:manage", "chat", "tools:execute"] },
        input: contract.queueParams,
        async handler(this: ToolsService, { id }, caller) {
          return { calls: await this.queue.list(caller, id) };
        },
      }),
      unqueue: action({
        access: { kind: "user", scope: ["nodes:manage", "chat", "tools:execute"] },
        input: contract.unqueueParams,
        async handler(this: ToolsService, { id, call_id }, caller) {
          await this.queue.remove(caller, id, call_id);
          return null;
        },
      }),
      queueLengths: action({
        access: INTERNAL,
        input: contract.queueLengthsParams,
        handler(this: ToolsService, { node_ids }) {
          return lengthsOf(this.sql, node_ids);
        },
      }),
      chain: action({
        access: { kind: "user", scope: "nodes:manage" },
        input: chainParams,
        handler(this: ToolsService, params, caller) {
          return readChain(this, caller, params);
        },
      }),
      cancel: action({
        access: INTERNAL,
        input: contract.cancelCallParams,
        async handler(this: ToolsService, sent) {
          await cancelCall(this, sent);
          return null;
        },
      }),
      fence: action({
        access: INTERNAL,
        input: contract.fenceCallParams,
        handler(this: ToolsService, sent) {
          return fenceCall(this, sent);
        },
      }),
      remember: action({
        access: INTERNAL,
        input: contract.rememberParams,
        async handler(this: ToolsService, remembered) {
          await rememberAnswer(this, remembered);
          return null;
        },
      }),
      forgetSession: action({
        access: INTERNAL,
        input: contract.forgetSessionParams,
        async handler(this: ToolsService, session) {
          await forgetRulesOfSession(this, session);
          return null;
        },
      }),
    },
    created() {
      this.rules = new Rules(this.sql, (user_id) =>
        this.ports.signals.publish(RULES_CHANGED, { user_id } satisfies RulesChanged),
      );
      this.direct = new DirectCalls();
      this.crash = crash;
      const { broker, sql, ports } = this;
      const { signals, audit: trail } = ports;
      if (edge) this.edge = new Edge(edge, { broker, signals, trail, crash });
      this.queue = new Queue({ broker, sql, signals, edge: this.edge, crash });
      this.memories = new Memories(this.sql);
      // Each start is another one: what the last one ran is not run by this one.
      const [me, isAlone] = [newId("event"), !hasPeers];
      const approvalMs = () => settingsOf(broker).now.approval_timeout_s * 1_000;
      this.questions = new Questions({
        ...{ db: sql, ports, approvalMs },
        fileBefore: async (...asked) => {
          const { fileBeforeCall } = await import("./tools/direct/file-before.ts");
          return fileBeforeCall(this, ...asked);
        },
      });
      this.claims = new Claims(sql, me, isAlone);
      this.open = new OpenCalls({ db: sql, trail, me, isAlone, log: logOf(broker, "tools") });
    },
    async started() {
      const { broker, ports, edge, claims, memories, rules, open } = this;
      const rooms = { broker, signals: ports.signals, edge, claims, memories, rules, open };
      open.start();
      const { machines, stop } = await openServer(rooms, { search });
      this.machines = machines;
      this.stopServer = stop;
      this.ports.signals.subscribe(RULES_CHANGED, (data) =>
        this.rules.forget((data as RulesChanged).user_id),
      );
      this.edge?.start();
    },
    async stopped() {
      this.open.stop();
      await this.stopServer?.();
      await this.edge?.stop();
    },
  });
}
