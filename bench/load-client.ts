// The client of the benchmarks, its own process so that its work is nobody else's CPU time: raw node:http, keep-alive.
// Started by run.ts, which sends it one job after another.
import { Agent } from "node:http";
import { Recorder } from "./client/recorder.ts";
import { type Conversation, readAlong, runTurn } from "./client/turn.ts";
import { endWithParent } from "./measure/announce.ts";
import type { Edge, Job, Outcome } from "./measure/job.ts";

/** After the last stream has begun, before the window opens. */
const SETTLE_MS = 500;
/** How long streams may take to begin after the last was opened: the window measures streams, not the starts of runs. */
const PATIENCE_MS = 2_500;
const LOOK_MS = 20;

process.on("message", (job: Job) => {
  void run(job).then(send, (error: unknown) => {
    process.stderr.write(`the load client failed: ${String(error)}\n`);
    process.exit(1);
  });
});
endWithParent();

async function run(job: Job): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const recorder = new Recorder();
  try {
    if (job.shape === "turns") await loopTurns(job, agent, recorder);
    else await openStreams(job, agent, recorder);
  } finally {
    agent.destroy();
  }
  return recorder.outcome();
}

async function loopTurns(job: Job & { shape: "turns" }, agent: Agent, recorder: Recorder): Promise<void> {
  let isOver = false;
  const loop = async (conversation: Conversation): Promise<void> => {
    while (!isOver && (job.turns === undefined || recorder.turns < job.turns))
      await runTurn(job, conversation, agent, recorder);
  };
  const workers = conversations(job, job.workers).map(loop);
  await pause(job.warmUpMs);
  edge(recorder, "open");
  if (job.windowMs !== undefined) {
    await pause(job.windowMs);
    edge(recorder, "close");
    isOver = true;
  }
  await Promise.all(workers);
  if (job.windowMs === undefined) edge(recorder, "close");
}

async function openStreams(job: Job & { shape: "streams" }, agent: Agent, recorder: Recorder): Promise<void> {
  const { readers = 1 } = job;
  const opened = conversations(job, job.streams).map(async (conversation, index) => {
    await pause((index / job.streams) * job.rampMs);
    const others: Promise<void>[] = [];
    await runTurn(job, conversation, agent, recorder, (run) => {
      for (let reader = 1; reader < readers; reader += 1) {
        const port = job.target.ports[(index + reader) % job.target.ports.length] ?? 0;
        others.push(readAlong(job, run, { bearer: conversation.bearer, port }, agent, recorder));
      }
    });
    await Promise.all(others);
  });
  await pause(job.rampMs);
  const patientUntil = performance.now() + PATIENCE_MS;
  while (recorder.begun < job.streams * readers && performance.now() < patientUntil) await pause(LOOK_MS);
  await pause(SETTLE_MS);
  recorder.late = job.streams * readers - recorder.begun;
  edge(recorder, "open");
  await pause(job.windowMs);
  edge(recorder, "close");
  await Promise.all(opened);
}

function conversations({ target }: Job, count: number): Conversation[] {
  return Array.from({ length: count }, (_, index) => ({
    bearer: target.bearers[index % target.bearers.length] ?? "",
    port: target.ports[index % target.ports.length] ?? 0,
    sessionId: undefined,
    turns: 0,
  }));
}

function edge(recorder: Recorder, which: Edge["edge"]): void {
  if (which === "open") recorder.open();
  else recorder.close();
  const message: Edge = { type: "edge", edge: which };
  send(message);
}

function send(message: Edge | Outcome): void {
  process.send?.(message);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
