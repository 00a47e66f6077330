// The systems that are compared, each with one way in; the fake upstream itself is the zero of all latencies.
import { randomBytes } from "node:crypto";
import { signToken } from "../minagent/jwt.ts";
import type { Target } from "./job.ts";
import { type Started, startProgram } from "./processes.ts";

export type SystemName = "direct" | "pipe" | "minagent" | "macjarvis";

export type System = {
  name: SystemName;
  /** The process whose tree is measured. */
  pid: number;
  /** Where the load goes, with credentials that are valid for some minutes. */
  target(): Promise<Target>;
  stop(): Promise<void>;
};

export type References = Record<Exclude<SystemName, "macjarvis">, System>;

const TOKEN_LIFE_MS = 3_600_000;

/** Starts upstream, pipe and minagent. @param users how many users the load has */
export async function startReferences(users: number): Promise<References> {
  const upstream = await startProgram("fake-upstream.ts", [], "load");
  const pipe = await startProgram("pipe.ts", [String(upstream.port)], "system");
  const secret = randomBytes(32).toString("hex");
  const minagent = await startProgram("minagent.ts", [String(upstream.port), secret], "system");
  const bearers = () =>
    Array.from({ length: users }, (_, user) => signToken(secret, `usr_${user}`, Date.now() + TOKEN_LIFE_MS));
  return {
    direct: system("direct", upstream, (port) => ({ dialect: "openai", port, bearers: [""] })),
    pipe: system("pipe", pipe, (port) => ({ dialect: "openai", port, bearers: [""] })),
    minagent: system("minagent", minagent, (port) => ({ dialect: "agent", port, bearers: bearers() })),
  };
}

function system(
  name: SystemName,
  started: Started & { port: number },
  target: (port: number) => Target,
): System {
  return {
    name,
    pid: started.pid,
    target: () => Promise.resolve(target(started.port)),
    stop: () => started.stop(),
  };
}
