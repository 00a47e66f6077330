// What run.ts and its load client say to each other: one job at a time, the edges of its window, its result.
import type { Script } from "./script.ts";
import type { Distribution } from "./statistics.ts";

/** `openai`: the upstream itself and pipe. `agent`: our own contract, spoken by the product and minagent. */
export type Dialect = "openai" | "agent";

export type Target = {
  dialect: Dialect;
  /** On this machine; streams and workers take them in turn. */
  ports: number[];
  /** One of them per stream or worker, in turn: the users of the load. */
  bearers: string[];
  /** The machine that runs name; whichever the product takes where it is not said. */
  node?: string;
};

export type Job = {
  type: "job";
  target: Target;
  script: Script;
  /** False: POST …/chat/sync, or `stream: false` of OpenAI's wire format. */
  streamed: boolean;
  /** Names of tools the run may use; all the user has when not said. */
  tools?: string[];
} & (
  | {
      /** Each worker posts its next turn when the last one has ended. */
      shape: "turns";
      workers: number;
      warmUpMs: number;
      /** Ends the job after so many turns … */
      turns?: number;
      /** … or after this window. */
      windowMs?: number;
    }
  | {
      /** Streams opened evenly over `rampMs`, all of which begin before the window opens, unless late, and outlive it. `script.tokens` is chosen to fit. */
      shape: "streams";
      streams: number;
      /** Who reads each of them: the one who asked, and the others through the next ports; one unless said. */
      readers?: number;
      rampMs: number;
      windowMs: number;
    }
);

/** The window has opened or closed: the moment to read CPU times. */
export type Edge = { type: "edge"; edge: "open" | "close" };

export type Outcome = {
  type: "outcome";
  /** Turns that ended and tokens that came inside the window (all of them when the job counts turns). */
  turns: number;
  tokens: number;
  windowMs: number;
  /** Milliseconds from the request to its first token, and the same without the time inside the upstream. */
  firstTokenMs: Distribution;
  addedMs: Distribution;
  /** Of `addedMs`: until the upstream had the request, and from its first token to the client's. Medians. */
  wayInMs: number;
  wayOutMs: number;
  /** Milliseconds by which the gap between two tokens grew on the way, and from sending to arrival. */
  gapMs: Distribution;
  delayMs: Distribution;
  /** From a tool's writing a line that says when, to its arrival. */
  outputMs: Distribution;
  /** Streams that had not begun when the window opened: it then measures their start too. */
  late: number;
  /** Streams with a token lost, doubled, reordered or changed, or with another end than a good one; the first few in words. */
  faulty: number;
  faults: string[];
};
