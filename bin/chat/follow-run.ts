// Follows one run to its end: events to the screen, questions to the person, Ctrl-C to the server. Used by the one-shot
// chat and by every message of the interactive one.
import type { EndStatus, RunEvent } from "../../contracts/run-events.ts";
import type { Beginning } from "../../lib/client/run-stream.ts";
import { AppError, isType, toError } from "../../lib/errors.ts";
import { UNREACHABLE } from "../terminal/server.ts";
import { type Keyboard, openKeyboard } from "./keys.ts";
import { patiently } from "./patiently.ts";
import { Questions } from "./questions.ts";
import type { Room } from "./room.ts";
import { RunView } from "./run-view.ts";

/** `waiting`: nobody could be asked. `left`: the person left while the run goes on or is being cancelled. */
export type Outcome = { status: EndStatus | "waiting" | "left"; runId?: string; sessionId?: string };

const LEAVE_WITHIN_MS = 2_000;

/** @throws AppError when the server refuses the message, or stays away */
export async function followRun(room: Room, beginning: Beginning): Promise<Outcome> {
  return new Follower(room, beginning).follow();
}

class Follower {
  readonly #room: Room;
  readonly #beginning: Beginning;
  readonly #view: RunView;
  readonly #keyboard: Keyboard;
  /** Ends the reading: the person leaves. */
  readonly #leave = new AbortController();
  readonly #questions: Questions;
  #runId: string | undefined;
  #sessionId: string | undefined;
  #interruptedAt: number | undefined;

  constructor(room: Room, beginning: Beginning) {
    this.#room = room;
    this.#beginning = beginning;
    this.#runId = "runId" in beginning ? beginning.runId : undefined;
    this.#view = new RunView(room.screen);
    this.#keyboard = openKeyboard(room.input, () => this.#interrupt(), room.answers);
    this.#questions = new Questions(room, this.#view, this.#keyboard, this.#leave.signal);
  }

  async follow(): Promise<Outcome> {
    this.#view.wait();
    try {
      return this.#outcome(await this.#untilEnd());
    } catch (thrown) {
      if (this.#leave.signal.aborted) return this.#outcome("left");
      throw this.#withRun(thrown);
    } finally {
      this.#view.endText();
      this.#room.screen.quiet();
      this.#keyboard.close();
      this.#leave.abort();
    }
  }

  async #untilEnd(): Promise<EndStatus | "waiting"> {
    for await (const event of this.#events()) {
      if (event.event === "run") this.#begun(event.data.run_id, event.data.session_id);
      this.#view.show(event);
      if (event.event === "done") return event.data.status;
      if (event.event === "approval_required" && !(await this.#questions.ask(this.#runId ?? "", event.data)))
        return "waiting";
      if (event.event === "approval_resolved") this.#questions.resolved(event.data);
    }
    return this.#endWithoutEvents();
  }

  /** The events in order; what settles a question is noticed at once, while the question still stands. */
  async *#events(): AsyncGenerator<RunEvent> {
    const queue: RunEvent[] = [];
    let wake = () => {};
    let ended: { thrown?: unknown } | undefined;
    const read = async () => {
      for await (const event of this.#incoming()) {
        if (event.event === "approval_resolved") this.#questions.settle(event.data.call_id);
        if (event.event === "tool_result") this.#questions.settle(event.data.call_id);
        if (event.event === "done") this.#questions.settleAll();
        queue.push(event);
        wake();
      }
    };
    read().then(
      () => {
        ended = {};
        wake();
      },
      (thrown: unknown) => {
        ended = { thrown };
        wake();
      },
    );
    for (;;) {
      const event = queue.shift();
      if (event) yield event;
      else if (ended?.thrown !== undefined) throw ended.thrown;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  async *#incoming(): AsyncGenerator<RunEvent> {
    try {
      yield* this.#room.server.events(this.#beginning, {
        ...this.#room.stream,
        signal: this.#leave.signal,
        onConnection: (state) => this.#view.connection(state),
      });
    } catch (thrown) {
      if (!isType(thrown, "events_expired") || !this.#runId) throw thrown;
      yield* await this.#room.server.eventsAsItEnded(this.#runId);
    }
  }

  #begun(runId: string, sessionId: string): void {
    const isFirst = this.#runId === undefined;
    this.#runId = runId;
    this.#sessionId = sessionId;
    if (isFirst && this.#interruptedAt !== undefined) this.#cancel();
  }

  /** The first Ctrl-C cancels the run, another one soon after leaves. */
  #interrupt(): void {
    const now = performance.now();
    if (this.#interruptedAt !== undefined && now - this.#interruptedAt < LEAVE_WITHIN_MS) {
      this.#leave.abort();
      this.#questions.settleAll();
      return;
    }
    this.#interruptedAt = now;
    this.#view.notice(this.#room.screen.texts.chat.cancelling);
    this.#questions.interrupt();
    if (this.#runId !== undefined) this.#cancel();
  }

  #cancel(): void {
    const path = `/agent/cancel/${encodeURIComponent(this.#runId ?? "")}`;
    const { server, stream } = this.#room;
    patiently(() => server.json("POST", path), this.#leave.signal, stream).catch((thrown: unknown) => {
      if (!this.#leave.signal.aborted)
        this.#view.notice(this.#room.screen.texts.chat.notCancelled(toError(thrown).message));
    });
  }

  /** 204: the events were all read by an earlier connection; the run itself says how it ended. */
  async #endWithoutEvents(): Promise<EndStatus> {
    for (const event of await this.#room.server.eventsAsItEnded(this.#runId ?? "")) {
      this.#view.show(event);
      if (event.event === "done") return event.data.status;
    }
    return "failed";
  }

  /** A server that did not come back has kept the run: says how to find it again. */
  #withRun(thrown: unknown): unknown {
    if (this.#runId === undefined || !isType(thrown, UNREACHABLE)) return thrown;
    const words = this.#room.screen.texts.chat.connectionGone(this.#runId);
    return new AppError(UNREACHABLE, `${toError(thrown).message}\n${words}`, {}, thrown);
  }

  #outcome(status: Outcome["status"]): Outcome {
    return {
      status,
      ...(this.#runId === undefined ? {} : { runId: this.#runId }),
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
    };
  }
}
