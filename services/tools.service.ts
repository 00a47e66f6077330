// Tools: the catalogue of what the caller's nodes can do, policy, and the way of a call to its node. Runs nothing itself.
import type { ServiceSchema } from "moleculer";
import type { Caller } from "../contracts/access.ts";
import { chainParams } from "../contracts/node-chain.ts";
import { emptyParams } from "../contracts/quota.ts";
import { type LeftBy, RULES_CHANGED, type RulesChanged } from "../contracts/signals.ts";
import * as contract from "../contracts/tools.ts";
import { action } from "../lib/broker/action.ts";
import { hasScope } from "../lib/broker/authorization.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { AppError } from "../lib/errors.ts";
import { settingsOf } from "../lib/settings/live-settings.ts";
import { audit } from "../mixins/audit.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { moments } from "../mixins/moments.ts";
import { signals } from "../mixins/signals.ts";
import { sql } from "../mixins/sql.ts";
import { userData } from "../mixins/user-data.ts";
import { auditPolicy } from "./tools/audit-tools.ts";
import { listTools, usableNodes } from "./tools/catalogue.ts";
import { checkRules } from "./tools/check-rules.ts";
import { DirectCalls } from "./tools/direct-calls.ts";
import { executeDirectly } from "./tools/execute-directly.ts";
import { Edge } from "./tools/hub/edge.ts";
import type { EdgeSettings } from "./tools/hub/hub.ts";
import { knownThings } from "./tools/known-things.ts";
import { Machines } from "./tools/machines/machines.ts";
import { planCalls } from "./tools/plan-calls.ts";
import { argsInWords, wordsOf } from "./tools/policy-words.ts";
import { Queue } from "./tools/queue/queue.ts";
import { forgetUser, lengthsOf, takeOut } from "./tools/queue/queued-calls.ts";
import { readChain } from "./tools/read-chain.ts";
import { Rules } from "./tools/rules.ts";
import { sendCall } from "./tools/send-call.ts";
import { MIGRATIONS, type ToolsTables } from "./tools/tables.ts";

const MIXINS = [sql<ToolsTables>(MIGRATIONS), audit, moments, signals, domainEvents] as const;
type ToolsService = With<typeof MIXINS> & {
  rules: Rules;
  direct: DirectCalls;
  machines: Machines;
  queue: Queue;
  edge?: Edge;
};

/** Calls under way at once in this process; each waits for its node. */
const CONCURRENCY = 500;
const INTERNAL = { kind: "internal" } as const;

/** The list of tools also names their machines, to those who may list machines (`nodes.list`). */
const mayListNodes = (caller: Caller) =>
  caller.service !== undefined || hasScope(caller, "nodes:manage", "chat", "tools:execute");

/** @param settings.edge where Macs join; none can without it */
export function toolsService({ edge }: { edge?: EdgeSettings | undefined } = {}): ServiceSchema {
  return defineService<"tools", ToolsService>({
    name: "tools",
    mixins: [
      ...MIXINS,
      userData<ToolsService>({
        async remove(user) {
          await this.rules.replace(user, []);
          await forgetUser(this.sql, user);
        },
      }),
    ],
    actions: {
      list: action({
        access: { kind: "user", scope: ["chat", "tools:execute", "sessions:read"] },
        input: contract.listToolsParams,
        async handler(this: ToolsService, { node_id }, caller) {
          const nodes = await usableNodes(this.broker, caller, node_id);
          return {
            tools: listTools(nodes),
            nodes: mayListNodes(caller)
              ? nodes.map(({ id, name, platform }) => ({ id, name, platform }))
              : [],
          };
        },
      }),
      execute: action({
        access: { kind: "user", scope: "tools:execute" },
        input: contract.executeToolParams,
        timeout: 0,
        concurrency: CONCURRENCY,
        handler(this: ToolsService, params, caller, ctx) {
          const { audit: trail, signals } = this.ports;
          const { broker, machines, queue, rules, tellAfterwards: tell } = this;
          const rooms = { broker, machines, queue, rules, trail, signals, tell };
          const { left_by } = ctx.meta as LeftBy;
          return this.direct.run(caller.user_id, () => executeDirectly(rooms, caller, params, left_by));
        },
      }),
      policy: action({
        access: { kind: "user", scope: "account" },
        input: emptyParams,
        async handler(this: ToolsService, _params, caller) {
          const known = await knownThings(this.broker, caller);
          const rules = await this.rules.shown(caller.user_id);
          return {
            rules: rules.map(({ rule, shownArgs }) => ({ ...rule, says: wordsOf(rule, shownArgs, known) })),
          };
        },
      }),
      setPolicy: action({
        access: { kind: "user", scope: "account" },
        input: contract.policyParams,
        async handler(this: ToolsService, { rules }, caller) {
          await checkRules(this.broker, caller, await this.rules.of(caller.user_id), rules);
          await this.ports.moments.run(async () => {
            await this.rules.replace(caller.user_id, rules);
            await auditPolicy(this.ports.audit, caller, { rules });
          });
          return { rules };
        },
      }),
      plan: action({
        access: INTERNAL,
        input: contract.planParams,
        async handler(this: ToolsService, { calls, session_id, node_id, offered }, caller) {
          const nodes = await usableNodes(this.broker, caller, node_id);
          const circumstances = {
            caller,
            nodes,
            rules: await this.rules.of(caller.user_id),
            defaults: settingsOf(this.broker).now.policy,
            session_id,
            offered,
          };
          const planned = await planCalls(this.machines, calls, circumstances);
          return { calls: planned.map(({ plan }) => plan) };
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
        async handler(this: ToolsService, { call_id, node_id }) {
          await takeOut(this.sql, call_id);
          // What is away is told when it is back: the agent goes on saying it, and a call ends at its deadline besides.
          const machine = node_id === null ? undefined : await this.machines.of(node_id);
          await machine?.cancel(call_id);
          return null;
        },
      }),
      fence: action({
        access: INTERNAL,
        input: contract.fenceCallParams,
        async handler(this: ToolsService, { call_id, node_id, epoch }) {
          // One that has no machine was refused before it could be sent.
          if (node_id === null) return { state: "never_seen" };
          const machine = await this.machines.of(node_id);
          if (!machine) throw new AppError("node_offline", "The machine of the call is not connected.");
          return machine.fence(call_id, epoch);
        },
      }),
      remember: action({
        access: INTERNAL,
        input: contract.rememberParams,
        async handler(this: ToolsService, { user_id, rule, args }) {
          const shown = args === undefined ? null : argsInWords(args);
          await this.ports.moments.run(async () => {
            const { added, dropped } = await this.rules.add(user_id, rule, shown);
            if (added) await auditPolicy(this.ports.audit, { user_id }, { remembered: rule, dropped });
          });
          return null;
        },
      }),
      forgetSession: action({
        access: INTERNAL,
        input: contract.forgetSessionParams,
        async handler(this: ToolsService, { user_id, session_id }) {
          await this.ports.moments.run(async () => {
            const forgotten = await this.rules.forgetSession(user_id, session_id);
            if (forgotten > 0) await auditPolicy(this.ports.audit, { user_id }, { forgotten, session_id });
          });
          return null;
        },
      }),
    },
    created() {
      this.rules = new Rules(this.sql, (user_id) =>
        this.ports.signals.publish(RULES_CHANGED, { user_id } satisfies RulesChanged),
      );
      this.direct = new DirectCalls();
      const {
        broker,
        ports: { signals, audit: trail },
      } = this;
      if (edge) this.edge = new Edge(edge, { broker, signals, trail });
      this.machines = new Machines(broker, this.edge);
      this.queue = new Queue({ broker, sql: this.sql, signals, edge: this.edge });
    },
    async started() {
      this.ports.signals.subscribe(RULES_CHANGED, (data) =>
        this.rules.forget((data as RulesChanged).user_id),
      );
      this.edge?.start();
    },
    async stopped() {
      await this.edge?.stop();
    },
  });
}
