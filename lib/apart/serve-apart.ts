// The other side of run-apart.ts: a process that does one piece of work, says what came of it, and ends.
import { setPriority } from "node:os";
import { toError } from "../errors.ts";
import type { ApartReply } from "./run-apart.ts";

/** Behind the standard ones and the channel to whoever started it. */
export const FIRST_DESCRIPTOR = 4;

/** As nice(1) counts. */
const NICENESS = 5;

/** Waits for the task, does it, answers and ends. What the work throws is its failure, with the `code` of the error if it has one. */
export function serveApart<Task>(work: (task: Task) => Promise<unknown>): void {
  // The server and whoever sits at the machine go first.
  setPriority(NICENESS);
  // Nobody waits for the answer any more.
  process.once("disconnect", () => process.exit(0));
  process.once("message", (task) => {
    void replyTo(() => work(task as Task)).then((reply) => {
      process.send?.(reply, undefined, undefined, () => process.exit(0));
    });
  });
}

const CODE = /^[a-z][a-z_]{1,63}$/;

async function replyTo(work: () => Promise<unknown>): Promise<ApartReply> {
  try {
    return { ok: true, answer: await work() };
  } catch (thrown: unknown) {
    const { code } = (thrown ?? {}) as { code?: unknown };
    const { message } = toError(thrown);
    if (typeof code === "string" && CODE.test(code)) return { ok: false, code, message };
    return { ok: false, code: "damaged", message: `It cannot be worked on; it may be damaged (${message}).` };
  }
}
