// The systems that are compared, each with one way in; the fake upstream itself is the zero of all latencies.
import { randomBytes } from "node:crypto";
import { signToken } from "../minagent/jwt.ts";
import type { Target } from "./job.ts";
import { type Started, startProgram } from "./processes.ts";

/** `mac`: the product, whose tools run on a Mac. */
export type SystemName = "direct" | "pipe" | "minagent" | "natsagent" | "macjarvis" | "mac";
/** One process on its own files, or a cluster on its servers. */
export type Mode = "embedded" | "cluster";

export type System = {
  name: SystemName;
  /** The process whose tree is measured. */
  pid: number;
  /** Where the load goes, with credentials that are valid for some minutes. */
  target(): Promise<Target>;
  stop(): Promise<void>;
};

/** `agent`: the least that a system of this mode's topology can be, minagent or natsagent. */
export type References = Record<"direct" | "pipe" | "agent", System>;

const TOKEN_LIFE_MS = 3_600_000;

/** The reference that a product of the mode is compared with. */
export const AGENT = { embedded: "minagent", cluster: "natsagent" } as const satisfies Record<
  Mode,
  SystemName
>;

/** Starts upstream, pipe and the mode's agent. @param users how many users the load has */
export async function startReferences(users: number, mode: Mode): Promise<References> {
  const upstream = await startProgram("fake-upstream.ts", [], "load");
  const pipe = await startProgram("pipe.ts", [String(upstream.port)], "system");
  const secret = randomBytes(32).toString("hex");
  const agent = await startProgram(`${AGENT[mode]}.ts`, [String(upstream.port), secret], "system");
  const bearers = () =>
    Array.from({ length: users }, (_, user) => signToken(secret, `usr_${user}`, Date.now() + TOKEN_LIFE_MS));
  return {
    direct: system("direct", upstream, (port) => ({ dialect: "openai", ports: [port], bearers: [""] })),
    pipe: system("pipe", pipe, (port) => ({ dialect: "openai", ports: [port], bearers: [""] })),
    agent: system(AGENT[mode], agent, (port) => ({ dialect: "agent", ports: [port], bearers: bearers() })),
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
