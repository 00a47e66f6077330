// run.ts's hand on the load client: sends a job, reads CPU times at the edges of its window, answers what came of it.
import { join } from "node:path";
import type { Edge, Job, Outcome } from "./job.ts";
import { footprint } from "./process-tree.ts";
import { ROOT, type Started, start } from "./processes.ts";
import type { System } from "./systems.ts";

/** An outcome with the CPU milliseconds that the system's processes used while the window was open. */
export type Measured = Outcome & { cpuMs: number };

/** What a job is allowed beyond its own times before the benchmark gives up. */
const GRACE_MS = 60_000;

type JobOf<T> = T extends unknown ? Omit<T, "type" | "target"> : never;
/** A job without its target. */
export type Load = JobOf<Job>;

export class LoadClient {
  readonly #process: Started;

  constructor() {
    this.#process = start([process.execPath, join(ROOT, "bench", "load-client.ts")], "load");
  }

  /** @param onEdge is called when the window opens and closes @throws Error when the client dies or takes far too long */
  async run(
    system: System,
    load: Load,
    onEdge: (edge: Edge["edge"]) => void = () => undefined,
  ): Promise<Measured> {
    const job = { type: "job", target: await system.target(), ...load } as Job;
    const { child, ended, output } = this.#process;
    const cpu = { open: 0, close: 0 };
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        child.off("message", take);
      };
      const take = (message: Edge | Outcome) => {
        if (message.type === "edge") {
          cpu[message.edge] = footprint(system.pid).cpuMs;
          return onEdge(message.edge);
        }
        finish();
        resolve({ ...message, cpuMs: cpu.close - cpu.open });
      };
      const fail = (what: string) => {
        finish();
        reject(new Error(`load on ${system.name}: ${what}`));
      };
      const timer = setTimeout(() => fail(`no end after ${limitOf(job)} ms`), limitOf(job));
      child.on("message", take);
      void ended.then(() => fail(`the client ended:\n${output()}`));
      child.send(job);
    });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

function limitOf(job: Job): number {
  const answerMs =
    job.script.thinkMs + (job.script.rate > 0 ? (job.script.tokens / job.script.rate) * 1_000 : 0);
  const own = job.shape === "streams" ? job.rampMs + job.windowMs : job.warmUpMs + (job.windowMs ?? 0);
  return GRACE_MS + own + answerMs;
}
