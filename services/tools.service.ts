// Tools: the catalogue of what the caller's nodes can do, policy, and the way of a call to its node. Runs nothing itself.
import type { ServiceSchema } from "moleculer";
import type { Caller } from "../contracts/access.ts";
import { setMemoryParams, type WrittenMemory } from "../contracts/memory.ts";
import { chainParams } from "../contracts/node-chain.ts";
import type { UsableNode } from "../contracts/nodes.ts";
import { policyParams } from "../contracts/policy.ts";
import { emptyParams } from "../contracts/quota.ts";
import type { SearchProvider, ServerSetup } from "../contracts/server-tools.ts";
import { type LeftBy, RULES_CHANGED, type RulesChanged } from "../contracts/signals.ts";
import * as contract from "../contracts/tools.ts";
import { action } from "../lib/broker/action.ts";
import { hasScope } from "../lib/broker/authorization.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { AppError, toError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { logOf } from "../lib/log.ts";
import { settingsOf } from "../lib/settings/live-settings.ts";
import { audit } from "../mixins/audit.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { moments } from "../mixins/moments.ts";
import { signals } from "../mixins/signals.ts";
import { sql } from "../mixins/sql.ts";
import { userData } from "../mixins/user-data.ts";
import { auditMemory, auditPolicy } from "./tools/audit-tools.ts";
import { listTools, nodeIdOf } from "./tools/catalogue.ts";
import { checkRules } from "./tools/check-rules.ts";
import { DirectCalls } from "./tools/direct-calls.ts";
import { executeDirectly } from "./tools/execute-directly.ts";
import { Edge } from "./tools/hub/edge.ts";
import type { EdgeSettings } from "./tools/hub/hub.ts";
import { knownThings } from "./tools/known-things.ts";
import { Machines } from "./tools/machines/machines.ts";
import { Memories } from "./tools/memory/memories.ts";
import { memoryDoor } from "./tools/memory/memory-door.ts";
import { planCalls } from "./tools/plan-calls.ts";
import { argsInWords, wordsOf } from "./tools/policy-words.ts";
import { Queue } from "./tools/queue/queue.ts";
import { forgetUser, lengthsOf, takeOut } from "./tools/queue/queued-calls.ts";
import { readChain } from "./tools/read-chain.ts";
import { Rules } from "./tools/rules.ts";
import { sendCall } from "./tools/send-call.ts";
import { Claims } from "./tools/server/claims.ts";
import { loadServerTools, serverNode } from "./tools/server/load-tools.ts";
import { machineDoor } from "./tools/server/machine-door.ts";
import { modelDoor } from "./tools/server/model-door.ts";
import { ServerCalls } from "./tools/server/server-calls.ts";
import { tasksDoor } from "./tools/server/tasks-door.ts";
import { MIGRATIONS, type ToolsTables } from "./tools/tables.ts";
import type { Where } from "./tools/usable-nodes.ts";

const MIXINS = [sql<ToolsTables>({ ...MIGRATIONS }), audit, moments, signals, domainEvents] as const;
type ToolsService = With<typeof MIXINS> & {
  rules: Rules;
  claims: Claims;
  memories: Memories;
  calls?: ServerCalls;
  direct: DirectCalls;
  machines: Machines;
  queue: Queue;
  sweeps?: NodeJS.Timeout;
  edge?: Edge;
};

/** Calls under way at once in this process; each waits for its node. */
const CONCURRENCY = 500;
const INTERNAL = { kind: "internal" } as const;

/** What is remembered is of the account: a key that may only chat does not learn of it, in runs neither. */
const MEMORY_SCOPE = "account";
/** How often outcomes that nobody asks about any more are removed. */
const SWEEP_MS = 3_600_000;

/** The list of tools also names their machines, to those who may list machines (`nodes.list`). */
const mayListNodes = (caller: Caller) =>
  caller.service !== undefined || hasScope(caller, "nodes:manage", "chat", "tools:execute");

type Settings = {
  /** Where Macs join; none can without it. */
  edge?: EdgeSettings | undefined;
  /** Where the web is searched; `web_search` is not offered without it. */
  search?: SearchProvider | undefined;
  /** There are other processes of this service on the same stores. */
  hasPeers?: boolean;
};

export function toolsService({ edge, search, hasPeers = false }: Settings = {}): ServiceSchema {
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
        },
      }),
    ],
    actions: {
      list: action({
        access: { kind: "user", scope: ["chat", "tools:execute", "sessions:read"] },
        input: contract.listToolsParams,
        handler(this: ToolsService, where, caller) {
          return listFor(this.machines, caller, where);
        },
      }),
      offer: action({
        access: INTERNAL,
        input: contract.listToolsParams,
        async handler(this: ToolsService, where, caller) {
          const [listed, memory] = await Promise.all([
            listFor(this.machines, caller, where),
            hasScope(caller, MEMORY_SCOPE) ? this.memories.forPrompt(caller.user_id) : [],
          ]);
          return { ...listed, memory };
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
          const known = await knownThings(this.broker, this.machines, caller);
          const rules = await this.rules.shown(caller.user_id);
          return {
            rules: rules.map(({ rule, shownArgs }) => ({ ...rule, says: wordsOf(rule, shownArgs, known) })),
          };
        },
      }),
      setPolicy: action({
        access: { kind: "user", scope: "account" },
        input: policyParams,
        async handler(this: ToolsService, { rules }, caller) {
          await checkRules(this.broker, this.machines, caller, await this.rules.of(caller.user_id), rules);
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
          const machine = node_id === null ? this.machines.server() : await this.machines.of(node_id);
          await machine?.cancel(call_id);
          return null;
        },
      }),
      fence: action({
        access: INTERNAL,
        input: contract.fenceCallParams,
        async handler(this: ToolsService, { call_id, node_id, epoch }) {
          const machine = node_id === null ? this.machines.server() : await this.machines.of(node_id);
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
      this.queue = new Queue({ broker, sql: this.sql, signals, edge: this.edge });
      this.memories = new Memories(this.sql);
      // Each start is another one: what the last one ran is not run by this one.
      this.claims = new Claims(this.sql, newId("event"), !hasPeers);
    },
    async started() {
      await openServer(this, { search });
      this.sweeps = setInterval(() => void sweepClaims(this), SWEEP_MS).unref();
      this.ports.signals.subscribe(RULES_CHANGED, (data) =>
        this.rules.forget((data as RulesChanged).user_id),
      );
      this.edge?.start();
    },
    async stopped() {
      clearInterval(this.sweeps);
      await this.calls?.stop();
      await this.edge?.stop();
    },
  });
}

async function listFor(machines: Machines, caller: Caller, where: Where) {
  const nodes = await machines.usable(caller, where);
  const real = nodes.filter((node) => nodeIdOf(node) !== null);
  return { tools: listTools(nodes), nodes: mayListNodes(caller) ? real.map(offeredNode) : [] };
}

const offeredNode = ({ id, name, platform, labels, way }: UsableNode) => ({
  ...{ id, name, platform, labels },
  connected: way !== null,
});

function writeMemories(service: ToolsService, caller: Caller, memories: WrittenMemory[]) {
  return service.ports.moments.run(async () => {
    const written = await service.memories.replace(caller.user_id, memories);
    await auditMemory(service.ports.audit, caller, written.length);
    return written;
  });
}

/** What the server runs itself, and the way to it beside those to machines. */
async function openServer(service: ToolsService, setup: ServerSetup): Promise<void> {
  const { broker, claims, memories, rules, ports } = service;
  const { signals } = ports;
  const tools = await loadServerTools();
  service.calls = new ServerCalls({
    ...{ tools, setup, claims },
    signals,
    log: logOf(broker, "tools"),
    doors: (call, signal, spent) => {
      const under = { broker, call, signal, deadlineAt: call.deadline_at };
      return {
        ...setup,
        memory: memoryDoor(memories, call),
        tasks: tasksDoor(broker, call),
        model: modelDoor({ ...under, signals, spent, note: () => claims.note(call.call_id, spent.usage) }),
        machine: machineDoor({ ...under, machines: service.machines, rules, epoch: call.epoch }),
      };
    },
  });
  service.machines = new Machines(broker, service.edge, {
    calls: service.calls,
    node: serverNode(tools, setup),
  });
}

async function sweepClaims({ broker, claims }: ToolsService): Promise<void> {
  await claims
    .sweep()
    .catch((thrown: unknown) =>
      logOf(broker, "tools").warn({ err: toError(thrown) }, "old outcomes of calls could not be removed"),
    );
}
