// POST /anthropic/v1/messages: a run of the agent, or of the model alone, told as one message of Anthropic's, streamed or whole.
import type { Started } from "../../../contracts/agent.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError } from "../../../lib/errors.ts";
import { messageIdOf } from "../../../lib/ids.ts";
import { requireEvents } from "../chat.ts";
import {
  approvalWait,
  cancelWhenLeft,
  type Followed,
  follow,
  readRun,
  startGiven,
  whereToAnswer,
} from "../door-run.ts";
import { EventWriter } from "../event-writer.ts";
import { type Exchange, sendJson } from "../handle-request.ts";
import { sendProblem } from "../problem.ts";
import { type AskedMessage, asAsked, readMessages } from "./ask.ts";
import { END_TURN, frameOf, type StreamEvent, WholeMessage } from "./message.ts";
import { MessageEvents } from "./message-events.ts";
import { type Failure, failureOf } from "./run-end.ts";

/** @throws what refuses the request or the run, and how the run has failed where nothing was told before */
export async function messages(exchange: Exchange): Promise<void> {
  const { request, response, requestId } = exchange;
  response.setHeader("request-id", requestId);
  const asked = readMessages(exchange);
  const approvalMs = approvalWait(exchange);
  const started = await startGiven(exchange, asked).catch((error: unknown) => {
    throw asAsked(error);
  });
  if (started.attached) await requireEvents(exchange, started.run_id);
  // As the vendor does: nobody pays for an answer that nobody reads. An agent's work goes on, and so does what may be attached to.
  if (asked.given.mode === "model" && request.headers["idempotency-key"] === undefined)
    cancelWhenLeft(exchange, started.run_id);
  const answer = asked.body.stream
    ? new Streamed(exchange, asked, started)
    : new Whole(exchange, asked, started);
  try {
    const onEvent = (event: RunEvent) => answer.tell(event);
    await answer.end(
      await follow(exchange, started.run_id as RunId, { approvalMs, mayBeOver: started.attached, onEvent }),
    );
  } catch (error) {
    answer.fail(error);
  }
}

interface Answer {
  tell(event: RunEvent): Promise<void>;
  end(followed: Followed): Promise<void>;
  /** @throws the error where it can have a status of its own */
  fail(error: unknown): void;
}

function telling({ body, given, inputTokens }: AskedMessage, { run_id }: Started) {
  return {
    id: messageIdOf(run_id as RunId, 1),
    model: body.model,
    inputTokens,
    isAlone: given.mode === "model",
  };
}

/** Tells the end of a run, or the question that nobody has answered. @throws how it has failed */
async function tellEnd(
  exchange: Exchange,
  events: MessageEvents,
  id: string,
  followed: Followed,
): Promise<void> {
  if (followed.type === "left") return;
  const run = followed.type === "ended" ? followed.run : await readRun(exchange, id);
  if (followed.type === "asked") {
    events.say(whereToAnswer(id, followed.question));
    return events.stop(END_TURN, run.usage);
  }
  throwIf(failureOf(run) ?? events.end(run));
}

function throwIf(failure: Failure | undefined): void {
  if (!failure) return;
  const { code, message, reason } = failure;
  throw new AppError(code, message, reason === undefined ? {} : { show: { reason } });
}

class Whole implements Answer {
  readonly #exchange: Exchange;
  readonly #run: string;
  readonly #whole = new WholeMessage();
  readonly #events: MessageEvents;

  constructor(exchange: Exchange, asked: AskedMessage, started: Started) {
    this.#exchange = exchange;
    this.#run = started.run_id;
    this.#events = new MessageEvents(this.#whole, telling(asked, started));
  }

  async tell(event: RunEvent): Promise<void> {
    throwIf(this.#events.take(event));
  }

  async end(followed: Followed): Promise<void> {
    await tellEnd(this.#exchange, this.#events, this.#run, followed);
    if (this.#whole.message && !this.#exchange.response.writableEnded)
      sendJson(this.#exchange.response, 200, this.#whole.message);
  }

  fail(error: unknown): void {
    throw error;
  }
}

class Streamed implements Answer {
  readonly #exchange: Exchange;
  readonly #run: string;
  readonly #events: MessageEvents;
  readonly #writer: EventWriter;
  /** Frames that the writer has not been given yet. */
  #frames = "";

  constructor(exchange: Exchange, asked: AskedMessage, started: Started) {
    this.#exchange = exchange;
    this.#run = started.run_id;
    const event = (told: StreamEvent) => {
      this.#frames += frameOf(told);
    };
    this.#events = new MessageEvents({ event }, telling(asked, started));
    this.#writer = new EventWriter(exchange.response, () => this.#head(), frameOf({ type: "ping" }));
  }

  async tell(event: RunEvent): Promise<void> {
    throwIf(this.#events.take(event));
    if (this.#events.hasBegun) await this.#writer.write(this.#taken());
    // The model is at work, or somebody is asked: a program sees that its request was taken.
    else if (event.event === "tool_start" || event.event === "approval_required")
      await this.#writer.write("");
  }

  async end(followed: Followed): Promise<void> {
    if (followed.type === "left") return this.#writer.abandon();
    await tellEnd(this.#exchange, this.#events, this.#run, followed);
    this.#writer.end(this.#taken());
  }

  fail(error: unknown): void {
    if (!this.#writer.isOpen) {
      this.#writer.abandon();
      throw error;
    }
    const { response, log, requestId } = this.#exchange;
    this.#writer.abandon();
    if (response.writableEnded || response.destroyed) return;
    response.write(this.#taken());
    sendProblem(response, error, requestId, log);
  }

  /** Whatever the stream begins with, the head of the message is the first. */
  #head(): string {
    if (this.#events.hasBegun) return "";
    this.#events.begin();
    return this.#taken();
  }

  #taken(): string {
    const frames = this.#frames;
    this.#frames = "";
    return frames;
  }
}
