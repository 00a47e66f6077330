// The node: the part of a machine that runs tools. It knows no users and no policy; `tools` decides and calls it.
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { NOWHERE } from "../contracts/hosts.ts";
import { nodeMcpParams } from "../contracts/mcp.ts";
import { nodeChainParams } from "../contracts/node-chain.ts";
import { emptyParams } from "../contracts/quota.ts";
import {
  type NodeDescription,
  nodeCallParams,
  nodeCancelParams,
  nodeFenceParams,
  nodeFreezeParams,
  resolveParams,
} from "../contracts/tools.ts";
import { action } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { hashOf } from "../lib/canonical-json.ts";
import type { Crash } from "../lib/crash-points.ts";
import { toError } from "../lib/errors.ts";
import { keptName } from "../lib/kept-name.ts";
import { logOf } from "../lib/log.ts";
import { type FoundTool, foundTool } from "../lib/tools/found-tool.ts";
import { hiddenPaths, otherHomes } from "../lib/tools/hidden-paths.ts";
import { whyCallAsked } from "../lib/tools/self-starting.ts";
import { findTools } from "../lib/tools/tool-plugins.ts";
import { unusable } from "../lib/unusable.ts";
import { signals } from "../mixins/signals.ts";
import { type BindingSettings, bind } from "./binding/bind.ts";
import { Calls, type NodeCall } from "./calls/calls.ts";
import type { Machine } from "./calls/command-line.ts";
import { endLeftovers } from "./calls/end-leftovers.ts";
import type { Gate } from "./calls/gate.ts";
import { type Guarded, GuardedNow } from "./calls/guarded-now.ts";
import { resolveCall } from "./calls/resolve-call.ts";
import { ServerFreeze } from "./calls/server-freeze.ts";
import { type OpenContext, openContext } from "./calls/tool-context.ts";
import type { Chain } from "./chain/chain.ts";
import { describeNode } from "./describe-node.ts";
import type { GrantedMeta } from "./edge/mac-guard.ts";
import { Journal } from "./journal/journal.ts";
import type { McpGround, McpHosting } from "./mcp/spec.ts";
import { openMachine } from "./open-machine.ts";
import { startTimeOf } from "./processes/start-time.ts";
import { programPaths } from "./program-paths.ts";
import { isWithin } from "./sandbox/visible-paths.ts";
import type { CallSecrets, SecretSource } from "./secrets/call-secrets.ts";
import { workFolderOf } from "./work-folder.ts";

export type NodeSettings = {
  /** The data folder: no tool sees it. */
  home: string;
  journalFolder: string;
  /** Folders that tools may touch; the first is the default working directory. */
  roots: string[];
  sandbox: "on" | "off";
  /** The user's own tools; need not be there. */
  pluginFolder: string;
  /** Of a paired Mac that keeps some. */
  secrets?: SecretSource;
  /** The same Mac's owner's word. */
  gate?: Gate;
  /** Opens what hosts the MCP servers that its owner has named. */
  mcp?: {
    open(ground: McpGround, broker: ServiceBroker): McpHosting;
    /** Told when this machine has other tools than before. */
    changed?(): void;
  };
  /** Where it keeps a record of its own of the calls it runs. */
  openChain?: () => Promise<Chain>;
  /** Where it keeps that the server has frozen it; without it the server says so anew. */
  freezeFile?: string;
  /** For tests: dies around the writes of its journal. */
  crash?: Crash | undefined;
};

const MIXINS = [signals] as const;
type NodeService = With<typeof MIXINS> & {
  journal: Journal;
  /** Where it keeps one. */
  chain: Chain | undefined;
  calls: Calls;
  mcp: McpHosting | undefined;
  tools: ReadonlyMap<string, FoundTool>;
  /** What a call means on this machine is found out with these. */
  binding(): Promise<BindingSettings>;
  description: NodeDescription;
};

/** Calls that run at once on this machine. */
const CONCURRENCY = 200;
/** Milliseconds in which it must be found out what calls mean. */
const BINDING_LIMIT_MS = 10_000;
const INTERNAL = { kind: "internal" } as const;

export function nodeService(settings: NodeSettings): ServiceSchema {
  return defineService<"node", NodeService>({
    name: "node",
    mixins: MIXINS,
    actions: {
      describe: action({
        access: INTERNAL,
        input: emptyParams,
        async handler(this: NodeService) {
          const since = settings.gate?.frozenSince;
          return { ...this.description, ...(since ? { frozen_since: since.toISOString() } : {}) };
        },
      }),
      resolve: action({
        access: INTERNAL,
        input: resolveParams,
        async handler(this: NodeService, { calls }) {
          const settings = await this.binding();
          return { calls: await Promise.all(calls.map((call) => resolveCall(this.tools, call, settings))) };
        },
      }),
      execute: action({
        access: INTERNAL,
        input: nodeCallParams,
        timeout: 0,
        concurrency: CONCURRENCY,
        handler(this: NodeService, call, _caller, ctx) {
          const { granted } = ctx.meta as GrantedMeta;
          return this.calls.execute(call, granted && hashOf(granted));
        },
      }),
      cancel: action({
        access: INTERNAL,
        input: nodeCancelParams,
        async handler(this: NodeService, { call_id }) {
          this.calls.cancel(call_id);
          return null;
        },
      }),
      fence: action({
        access: INTERNAL,
        input: nodeFenceParams,
        handler(this: NodeService, fenced) {
          return this.calls.fence(fenced);
        },
      }),
      chain: action({
        access: INTERNAL,
        input: nodeChainParams,
        async handler(this: NodeService, { from, limit }) {
          return (await this.chain?.read(from, limit)) ?? { first: 0, last: 0, entries: [] };
        },
      }),
      mcp: action({
        access: INTERNAL,
        input: nodeMcpParams,
        async handler(this: NodeService, { look }) {
          return (await this.mcp?.view?.(look)) ?? { servers: [], faults: [] };
        },
      }),
      freeze: action({
        access: INTERNAL,
        input: nodeFreezeParams,
        async handler(this: NodeService, told) {
          this.calls.freeze(told);
          return null;
        },
      }),
    },
    created() {
      // By it the registry knows the machine, whatever its process is called now.
      this.metadata.machine = keptName(settings.home);
    },
    started() {
      return start(this, settings);
    },
    async stopped() {
      await this.calls?.stop();
      await this.mcp?.stop();
      await this.journal?.close();
    },
  });
}

async function start(service: NodeService, settings: NodeSettings): Promise<void> {
  const { roots, sandbox, pluginFolder } = settings;
  const log = logOf(service.broker, "node");
  const { platform } = process;
  const [found, machine, { journal, chain }] = await Promise.all([
    findTools({
      pluginFolder,
      platform,
      stray: (file, err) => log.error({ err, file }, "a tool plugin threw where nobody waits for it"),
    }),
    openMachine({
      ...{ roots, sandbox, platform, userHome: homedir() },
      missing: (root) => log.warn({ root }, "a folder of TOOL_ROOTS is not there: make it and start again"),
    }),
    openJournal(settings),
  ]);
  for (const { file, problem } of found.bad) log.warn({ file, problem }, "a tool plugin was skipped");
  if (journal.damaged > 0) log.warn({ lines: journal.damaged }, "lines of the node's journal are damaged");
  if (machine.sandbox.state === "unavailable") log.warn({ problem: machine.sandbox.problem }, "no sandbox");
  await endLeftovers(journal);
  service.journal = journal;
  service.chain = chain;
  const program = await programPaths({
    folder: join(import.meta.dirname, ".."),
    executable: process.execPath,
    userHome: machine.userHome,
    startedAs: [settings.home, process.argv[1] ?? "/"],
  });
  for (const root of machine.roots)
    if (program.paths.some((path) => isWithin(root, path)))
      log.warn(
        { root },
        "a folder of TOOL_ROOTS is part of MacJarvis itself: tools read it and cannot write there",
      );
  const guarded = new GuardedNow({
    hidden: hiddenPaths(machine.userHome, settings.home, await otherHomes(machine.userHome, machine.roots)),
    protected: program.paths,
    links: program.links,
  });
  const closed = await guarded.get();
  const workFolder = await workFolderOf(machine, [...closed.hidden, ...closed.protected]);
  const byName = new Map(found.tools.map((tool) => [tool.described.name, tool]));
  service.tools = byName;
  service.binding = async () => ({
    access: {
      roots: machine.roots,
      hidden: (await guarded.get()).hidden,
      // Where a call leads is told, also where it may not change anything: nothing is opened to be changed.
      protected: [],
      approved: false,
      home: machine.userHome,
      signal: AbortSignal.timeout(BINDING_LIMIT_MS),
    },
    userHome: machine.userHome,
    workFolder,
    stray: (err) => log.error({ err }, "a tool threw where nobody waits for it"),
  });
  service.description = await describeNode(
    found.tools.map(({ described }) => described),
    found.bad,
    machine,
  );
  const frozen = new ServerFreeze(settings.freezeFile);
  service.calls = new Calls({
    journal,
    tools: service.tools,
    sandboxProblem: machine.sandbox.state === "unavailable" ? machine.sandbox.problem : undefined,
    bind: async (tool, args) => bind(tool, args, await service.binding()),
    ...(settings.secrets ? { secrets: settings.secrets } : {}),
    gate: settings.gate,
    frozen,
    open: async (call, signal, secrets) =>
      open(
        service,
        { guarded: await guarded.get(), machine, workFolder, secrets, gate: settings.gate },
        call,
        signal,
      ),
    warn: (err, call_id, what) => log.error({ err, call_id }, what),
  });
  if (settings.mcp)
    service.mcp = openMcp(service, settings, {
      ...{ tools: byName, reserved: found.reserved, machine, guarded, workFolder, frozen },
    });
}

type McpGiven = {
  tools: Map<string, FoundTool>;
  reserved: ReadonlySet<string>;
  machine: Machine;
  guarded: GuardedNow;
  workFolder: string;
  frozen: ServerFreeze;
};

/** Its tools come and go among the machine's, which says so. */
function openMcp(service: NodeService, settings: NodeSettings, given: McpGiven): McpHosting | undefined {
  const { tools, reserved, machine, guarded, workFolder, frozen } = given;
  const { gate, secrets, mcp } = settings;
  const log = logOf(service.broker, "node");
  const { tools: described, skipped_plugins } = service.description;
  const own = new Map(tools);
  const hosting: McpHosting | undefined = mcp?.open(
    {
      place: String(service.metadata.machine),
      ...{ machine, workFolder, secrets, taken: reserved.union(new Set(own.keys())) },
      isFrozen: () => frozen.isFrozen || gate?.frozenSince !== undefined,
      guarded: () => guarded.get(),
      changed() {
        const theirs = (hosting?.tools() ?? []).map(foundTool);
        tools.clear();
        for (const [name, tool] of own) tools.set(name, tool);
        for (const tool of theirs) tools.set(tool.described.name, tool);
        service.description = {
          ...service.description,
          tools: [...described, ...theirs.map((tool) => tool.described)],
          skipped_plugins: [...skipped_plugins, ...(hosting?.problems() ?? [])],
        };
        mcp.changed?.();
      },
      warn: (err, what) => log.warn({ err }, what),
    },
    service.broker,
  );
  return hosting;
}

async function openJournal({ journalFolder: folder, openChain, crash }: NodeSettings) {
  try {
    const chain = await openChain?.();
    return { chain, journal: await Journal.open(folder, undefined, undefined, chain, crash) };
  } catch (thrown) {
    throw unusable(`The node's journal ${folder}`, thrown, "Move away what is there and start again.");
  }
}

function open(
  { broker, ports, journal, description }: NodeService,
  given: {
    guarded: Guarded;
    machine: Machine;
    workFolder: string;
    secrets: CallSecrets | undefined;
    gate: Gate | undefined;
  },
  call: NodeCall,
  signal: AbortSignal,
): OpenContext {
  const { call_id } = call;
  const tool = description.tools.find(({ name }) => name === call.name);
  return openContext({
    callId: call_id,
    ...given,
    // A link that leads to such a place is none that anybody was asked about: then the real path must be named.
    approved: call.approved && tool !== undefined && whyCallAsked(tool, call.args, description) !== undefined,
    deadlineAt: call.deadline_at,
    reach: call.reach ?? NOWHERE,
    signal,
    publish: (piece) => ports.signals.publish(`output.${call_id}`, piece),
    started: (pid) => {
      recordProcess(journal, call_id, pid).catch((thrown: unknown) =>
        logOf(broker, "node").warn({ err: toError(thrown), call_id }, "a process could not be written down"),
      );
    },
  });
}

/** Durable enough once the system has it: what takes the disk's power takes the process as well. */
async function recordProcess(journal: Journal, call_id: string, pid: number): Promise<void> {
  const started = await startTimeOf(pid);
  if (started !== undefined) await journal.append({ kind: "process", call_id, pid, started }, false);
}
