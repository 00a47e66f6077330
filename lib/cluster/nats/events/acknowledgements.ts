// What the stream answers to what was written, on one inbox of the process: a subscription for each question, as the library's own
// publish has it, costs twice the processor time.
import type { Msg, MsgHdrs, Subscription } from "nats";
import { reportDefect } from "../../../report-defect.ts";
import type { Nats } from "../open-nats.ts";

/** `stored`: it is in the stream, from now or before. `moved`: the run's last message is another than expected. */
export type Answer =
  | { type: "stored"; streamSeq: number }
  | { type: "moved" }
  | { type: "refused"; reason: string };

type Listener = (answer: Answer) => void;
/** Error codes of "wrong last sequence". */
const MOVED = new Set([10_071, 10_164]);

export class Acknowledgements {
  readonly #nats: Nats;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<string, Listener>();
  #next = 0;

  constructor(nats: Nats) {
    this.#nats = nats;
    this.#inbox = nats.newInbox();
    this.#subscription = nats.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => (error ? reportDefect(error) : this.#heard(message)),
    });
  }

  /**
   * Publishes for the stream.
   * @param listener told the answer, if one comes; it must not throw
   * @returns how to stop waiting for it; undefined when it was not sent
   */
  send(subject: string, bytes: Buffer, headers: MsgHdrs, listener: Listener): (() => void) | undefined {
    this.#next += 1;
    const token = String(this.#next);
    if (!this.#nats.publish(subject, bytes, { headers, reply: `${this.#inbox}.${token}` })) return undefined;
    this.#waiting.set(token, listener);
    return () => void this.#waiting.delete(token);
  }

  /** The same for one who waits. @returns undefined when it could not be sent or no answer came in time */
  ask(subject: string, bytes: Buffer, headers: MsgHdrs, limitMs: number): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        forget?.();
        resolve(undefined);
      }, limitMs);
      const answered = (answer: Answer | undefined) => {
        clearTimeout(timer);
        resolve(answer);
      };
      const forget = this.send(subject, bytes, headers, answered);
      if (!forget) answered(undefined);
    });
  }

  close(): void {
    this.#waiting.clear();
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  /** Throws nothing: the library's reader would end at it, and with it the whole connection. */
  #heard(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const listener = this.#waiting.get(token);
    this.#waiting.delete(token);
    try {
      listener?.(answerOf(message));
    } catch (thrown) {
      reportDefect(thrown);
    }
  }
}

function answerOf(message: Msg): Answer {
  // Nobody listens to the subject: the stream has no leader, or is gone.
  if (message.data.length === 0) return { type: "refused", reason: "the stream of events is away" };
  const { seq, error } = message.json<{
    seq?: number;
    error?: { err_code?: number; description?: string };
  }>();
  if (error && MOVED.has(error.err_code ?? 0)) return { type: "moved" };
  if (error || seq === undefined)
    return { type: "refused", reason: `NATS says "${error?.description ?? "nothing"}"` };
  return { type: "stored", streamSeq: seq };
}
