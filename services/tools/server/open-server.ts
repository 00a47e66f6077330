// What the server runs itself, and what each of its calls is given.
import type { ServiceBroker } from "moleculer";
import type { ServerSetup } from "../../../contracts/server-tools.ts";
import { toError } from "../../../lib/errors.ts";
import { type Log, logOf } from "../../../lib/log.ts";
import type { Signals } from "../../../lib/ports/signals.ts";
import type { OpenCalls } from "../direct/open-calls.ts";
import type { Edge } from "../hub/edge.ts";
import { Machines } from "../machines/machines.ts";
import type { Memories } from "../memory/memories.ts";
import { memoryDoor } from "../memory/memory-door.ts";
import type { Rules } from "../policy/rules.ts";
import type { Claims } from "./claims.ts";
import { loadServerTools, serverNode } from "./load-tools.ts";
import { machineDoor } from "./machine-door.ts";
import { modelDoor } from "./model-door.ts";
import { ServerCalls } from "./server-calls.ts";
import { tasksDoor } from "./tasks-door.ts";

/** How often outcomes that nobody asks about any more are removed. */
const SWEEP_MS = 3_600_000;

type Rooms = {
  broker: ServiceBroker;
  signals: Signals;
  edge: Edge | undefined;
  claims: Claims;
  memories: Memories;
  rules: Rules;
  open: OpenCalls;
};

type OpenServer = {
  /** The way to machines, and to the server as one beside them. */
  machines: Machines;
  /** Ends what runs. */
  stop(): Promise<void>;
};

export async function openServer(rooms: Rooms, setup: ServerSetup): Promise<OpenServer> {
  const { broker, signals, edge, claims, memories, rules, open } = rooms;
  const tools = await loadServerTools();
  const log = logOf(broker, "tools");
  const calls = new ServerCalls({
    ...{ tools, setup, claims, signals, log },
    doors: (call, signal, spent) => {
      const under = { broker, call, signal, deadlineAt: call.deadline_at };
      return {
        ...setup,
        memory: memoryDoor(memories, call),
        tasks: tasksDoor(broker, call),
        model: modelDoor({ ...under, signals, spent, note: () => claims.note(call.call_id, spent.usage) }),
        machine: machineDoor({ ...under, machines, rules, open, epoch: call.epoch }),
      };
    },
  });
  const machines = new Machines(broker, edge, { calls, node: serverNode(tools, setup) });
  const sweeps = setInterval(() => void sweepClaims(claims, log), SWEEP_MS).unref();
  return {
    machines,
    stop() {
      clearInterval(sweeps);
      return calls.stop();
    },
  };
}

async function sweepClaims(claims: Claims, log: Log): Promise<void> {
  await claims
    .sweep()
    .catch((thrown: unknown) =>
      log.warn({ err: toError(thrown) }, "old outcomes of calls could not be removed"),
    );
}
