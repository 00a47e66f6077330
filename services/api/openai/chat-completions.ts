// POST /v1/chat/completions: a run of the agent, or of the model alone, told as one completion.
import type { Run } from "../../../contracts/agent.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError } from "../../../lib/errors.ts";
import { timeOf } from "../../../lib/ids.ts";
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
import { problemOf } from "../problem.ts";
import { Chunks, callsOf, completion, type Finish, finishOf, GAP, headOf, textOf } from "./completion.ts";
import { renamed } from "./parameters.ts";
import { type AskedCompletion, readChat } from "./read-chat.ts";
import { errorOfRun, refuse } from "./refuse.ts";

/** @throws what refuses the request or the run, and how the run has failed where nothing was told before */
export async function chatCompletions(exchange: Exchange): Promise<void> {
  const { request, params } = exchange;
  const session = request.headers["x-session-id"];
  const asked = readChat(params, typeof session === "string" ? (session as SessionId) : undefined);
  const approvalMs = approvalWait(exchange);
  const started = await startGiven(exchange, asked).catch((error: unknown) => {
    throw renamed(error, asked.names);
  });
  const run_id = started.run_id as RunId;
  const isAlone = asked.given.mode === "model" && !request.headers["idempotency-key"];
  // As vendors do: nobody pays for an answer that nobody reads. An agent's work goes on, and so does what may be attached to.
  if (isAlone) cancelWhenLeft(exchange, run_id);
  const answer = asked.body.stream
    ? new Streamed(exchange, run_id, asked)
    : new Whole(exchange, run_id, asked);
  try {
    const followed = await follow(exchange, run_id, {
      ...{ approvalMs, mayBeOver: started.attached },
      onEvent: (event) => answer.tell(event),
    });
    await answer.end(followed);
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

/** Why there is no answer; undefined where there is one. */
function errorOfEnd({ status, error, finish_reason, steps }: Run): AppError | undefined {
  if (status === "cancelled") return new AppError("invalid_request", "The run was cancelled.");
  if (finish_reason === "budget" && steps.length === 0)
    return new AppError("quota_exceeded", "Nothing is left of the budget for an answer.");
  return error && error.code !== "model_filtered" ? errorOfRun(error) : undefined;
}

const finishOfEnd = (run: Run): Finish =>
  run.error?.code === "model_filtered" ? "content_filter" : finishOf(run);

class Whole implements Answer {
  readonly #exchange: Exchange;
  readonly #run: RunId;
  readonly #asked: AskedCompletion;

  constructor(exchange: Exchange, run: RunId, asked: AskedCompletion) {
    this.#exchange = exchange;
    this.#run = run;
    this.#asked = asked;
  }

  async tell(): Promise<void> {}

  async end(followed: Followed): Promise<void> {
    const { response } = this.#exchange;
    if (followed.type === "left") return;
    const run = followed.type === "ended" ? followed.run : await readRun(this.#exchange, this.#run);
    const error = followed.type === "ended" ? errorOfEnd(run) : undefined;
    if (error) throw error;
    const said = textOf(run);
    const question = followed.type === "asked" ? whereToAnswer(run.id, followed.question) : "";
    const content = [said, question].filter((text) => text !== "").join(GAP);
    const finish = followed.type === "asked" ? "stop" : finishOfEnd(run);
    const head = headOf(run.id, Date.parse(run.created_at), this.#asked.body.model);
    const calls = followed.type === "asked" ? [] : callsOf(run);
    sendJson(response, 200, completion(head, { content, calls, finish, usage: run.usage }));
  }

  fail(error: unknown): void {
    throw error;
  }
}

class Streamed implements Answer {
  readonly #exchange: Exchange;
  readonly #run: RunId;
  readonly #chunks: Chunks;
  readonly #writer: EventWriter;
  /** The step that was told last, and whether anything was. */
  #step = 0;
  #hasText = false;

  constructor(exchange: Exchange, run: RunId, { body }: AskedCompletion) {
    this.#exchange = exchange;
    this.#run = run;
    const head = headOf(run, timeOf(run), body.model);
    this.#chunks = new Chunks(head, body.stream_options?.include_usage === true);
    this.#writer = new EventWriter(exchange.response, () => this.#chunks.role());
  }

  async tell({ event, data }: RunEvent): Promise<void> {
    if (event === "content") {
      const gap = this.#hasText && data.step !== this.#step ? GAP : "";
      this.#step = data.step;
      this.#hasText = true;
      await this.#writer.write(this.#chunks.text(gap + data.text));
    } else if (event === "reset" && this.#hasText && data.step === this.#step) {
      // What was said cannot be unsaid in this protocol.
      throw new AppError(
        "model_interrupted",
        "The answer broke off and was begun anew: ask again, or read the run by its X-Run-Id.",
      );
    } else if (event === "approval_required" || event === "tool_start" || event === "reasoning")
      await this.#writer.write("");
  }

  async end(followed: Followed): Promise<void> {
    if (followed.type === "left") return this.#writer.abandon();
    const run = followed.type === "ended" ? followed.run : await readRun(this.#exchange, this.#run);
    if (followed.type === "asked") {
      const gap = this.#hasText ? GAP : "";
      await this.#writer.write(this.#chunks.text(gap + whereToAnswer(run.id, followed.question)));
      return this.#writer.end(this.#chunks.end("stop", run.usage));
    }
    const error = errorOfEnd(run);
    if (error) throw error;
    const untold = this.#hasText ? "" : textOf(run);
    if (untold !== "") await this.#writer.write(this.#chunks.text(untold));
    await this.#writer.write(this.#chunks.calls(callsOf(run)));
    this.#writer.end(this.#chunks.end(finishOfEnd(run), run.usage));
  }

  fail(error: unknown): void {
    if (!this.#writer.isOpen) {
      this.#writer.abandon();
      throw error;
    }
    this.#writer.end(`data: ${refuse(problemOf(error)).body}\n\n`);
  }
}
