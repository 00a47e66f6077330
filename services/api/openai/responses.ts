// /v1/responses: a run of the agent, or of the model alone, told as a response; read again, cancelled, deleted.
import type { Run } from "../../../contracts/agent.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { callUnchecked } from "../../../lib/broker/action.ts";
import { AppError, isType } from "../../../lib/errors.ts";
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
import { type Exchange, metaNow, sendJson } from "../handle-request.ts";
import { problemOf } from "../problem.ts";
import { callsOf } from "./completion.ts";
import { withReferences } from "./item-references.ts";
import { renamed } from "./parameters.ts";
import { type AskedResponse, readResponse, runIdOf } from "./read-response.ts";
import { errorOfRun, refuse } from "./refuse.ts";
import {
  type Item,
  itemsOf,
  messageId,
  messageItem,
  responseObject,
  type Shown,
  stateOf,
} from "./response.ts";
import { ResponseEvents } from "./response-events.ts";

/** Behind all steps that a run may have: the sentence about a question that waits. */
const LAST_STEP = 999;

/** @throws what refuses the request or the run, and how the run has failed where nothing was told before */
export async function createResponse(exchange: Exchange): Promise<void> {
  const { request, params } = exchange;
  const header = request.headers["x-session-id"];
  const given = await withReferences(params, (id) => itemsOfKept(exchange, id));
  const asked = readResponse(given, typeof header === "string" ? (header as SessionId) : undefined);
  const approvalMs = approvalWait(exchange);
  const started = await startGiven(exchange, asked).catch((error: unknown) => {
    throw renamed(asResponse(error), asked.names);
  });
  const run_id = started.run_id as RunId;
  if (asked.given.mode === "model" && !request.headers["idempotency-key"]) cancelWhenLeft(exchange, run_id);
  const answer = asked.body.stream
    ? new Streamed(exchange, run_id, shownOf(asked))
    : new Whole(exchange, run_id, shownOf(asked));
  try {
    await answer.begin();
    const followed = await follow(exchange, run_id, {
      ...{ approvalMs, mayBeOver: started.attached },
      onEvent: (event) => answer.tell(event),
    });
    await answer.end(followed);
  } catch (error) {
    answer.fail(error);
  }
}

/** Of a response that is not kept, none. */
async function itemsOfKept({ broker, meta }: Exchange, run_id: RunId): Promise<Item[]> {
  try {
    const { run } = await callUnchecked(broker, "agent.given", { run_id }, { meta });
    return itemsOf(run);
  } catch (error) {
    if (isType(error, "run_not_found")) return [];
    throw error;
  }
}

/** A run to go on from is a response here. */
function asResponse(error: unknown): unknown {
  if (!isType(error, "run_not_found")) return error;
  return new AppError("run_not_found", "There is no response with this id to go on from.", {
    errors: [{ path: "previous_response_id", message: "is none of yours" }],
  });
}

function shownOf({ given }: AskedResponse): Shown {
  return {
    request: given.request ?? {},
    before: typeof given.before === "object" ? given.before.run : null,
  };
}

class Whole {
  readonly #exchange: Exchange;
  readonly #run: RunId;
  readonly #shown: Shown;

  constructor(exchange: Exchange, run: RunId, shown: Shown) {
    this.#exchange = exchange;
    this.#run = run;
    this.#shown = shown;
  }

  async begin(): Promise<void> {}

  async tell(): Promise<void> {}

  async end(followed: Followed): Promise<void> {
    if (followed.type === "left") return;
    const run = followed.type === "ended" ? followed.run : await readRun(this.#exchange, this.#run);
    if (followed.type === "asked") {
      const text = whereToAnswer(run.id, followed.question);
      const output = [...itemsOf(run), messageItem(messageId(run.id, LAST_STEP), text, "completed")];
      return sendJson(this.#exchange.response, 200, responseObject(run, this.#shown, output, "completed"));
    }
    if (stateOf(run) === "failed" && run.error) throw errorOfRun(run.error);
    sendJson(this.#exchange.response, 200, responseObject(run, this.#shown));
  }

  fail(error: unknown): void {
    throw error;
  }
}

class Streamed {
  readonly #exchange: Exchange;
  readonly #run: RunId;
  readonly #shown: Shown;
  readonly #events: ResponseEvents;
  readonly #writer: EventWriter;
  #first = "";

  constructor(exchange: Exchange, run: RunId, shown: Shown) {
    this.#exchange = exchange;
    this.#run = run;
    this.#shown = shown;
    this.#events = new ResponseEvents(run);
    this.#writer = new EventWriter(exchange.response, () => this.#first);
  }

  async begin(): Promise<void> {
    const run = await readRun(this.#exchange, this.#run);
    this.#first = this.#events.begun(
      responseObject({ ...run, error: undefined }, this.#shown, [], "in_progress"),
    );
  }

  async tell(event: RunEvent): Promise<void> {
    if (event.event === "reset" && this.#events.hasTold(event.data.step))
      throw new AppError(
        "model_interrupted",
        "The answer broke off and was begun anew: read the response by its id.",
      );
    const text = this.#events.tell(event);
    if (text !== "" || event.event === "approval_required" || event.event === "reasoning")
      await this.#writer.write(text);
  }

  async end(followed: Followed): Promise<void> {
    if (followed.type === "left") return this.#writer.abandon();
    const run = followed.type === "ended" ? followed.run : await readRun(this.#exchange, this.#run);
    if (followed.type === "asked") {
      const text = this.#events.say(LAST_STEP, whereToAnswer(run.id, followed.question));
      await this.#writer.write(text + this.#events.closeMessage());
      return this.#end(run, "completed");
    }
    const state = stateOf(run);
    if (state === "failed" && run.error && !this.#writer.isOpen) throw errorOfRun(run.error);
    const untold = this.#events.output.length === 0 ? run.steps.filter(({ content }) => content !== "") : [];
    const said = untold.map(({ number, content }) => this.#events.say(number, content)).join("");
    const closed = said + this.#events.closeMessage();
    const calls = callsOf(run).map((call) => this.#events.call(call));
    await this.#writer.write(closed + calls.join(""));
    const isShort = state === "incomplete" || state === "cancelled";
    this.#end(run, state === "failed" ? state : isShort ? "incomplete" : "completed");
  }

  fail(error: unknown): void {
    if (!this.#writer.isOpen) {
      this.#writer.abandon();
      throw error;
    }
    const { message, code, param } = JSON.parse(refuse(problemOf(error)).body).error;
    this.#writer.end(this.#events.frame("error", { code, message, param }));
  }

  #end(run: Run, state: "completed" | "failed" | "incomplete"): void {
    const response = responseObject(run, this.#shown, this.#events.output, state);
    this.#writer.end(this.#events.frame(`response.${state}`, { response }));
  }
}

/** @throws run_not_found */
export async function getResponse(exchange: Exchange): Promise<void> {
  refuseQuery(exchange);
  const { run, ...shown } = await readGiven(exchange);
  sendJson(exchange.response, 200, responseObject(run, shown));
}

/** A run that is cancelled has no questions any more; so long it is waited for. */
const ENDING_MS = 30_000;

/** The answer as it is once the run has ended, which is soon. @throws run_not_found */
export async function cancelResponse(exchange: Exchange): Promise<void> {
  const asked = String(exchange.params.id);
  const id = runIdOf(asked);
  await asGiven(
    asked,
    callUnchecked(exchange.broker, "agent.cancel", { run_id: id }, { meta: exchange.meta }),
  );
  await follow(exchange, id, { approvalMs: ENDING_MS, mayBeOver: true, onEvent: async () => undefined });
  if (exchange.response.destroyed) return;
  const { run, ...shown } = await readGiven(exchange);
  sendJson(exchange.response, 200, responseObject(run, shown));
}

/** @throws run_not_found */
export async function deleteResponse(exchange: Exchange): Promise<void> {
  const id = String(exchange.params.id);
  const params = { run_id: runIdOf(id) };
  await asGiven(id, callUnchecked(exchange.broker, "agent.forget", params, { meta: exchange.meta }));
  sendJson(exchange.response, 200, { id, object: "response", deleted: true });
}

function readGiven(exchange: Exchange) {
  const id = String(exchange.params.id);
  const params = { run_id: runIdOf(id) };
  return asGiven(id, callUnchecked(exchange.broker, "agent.given", params, { meta: metaNow(exchange) }));
}

async function asGiven<T>(id: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isType(error, "run_not_found")) throw error;
    throw new AppError("run_not_found", `Response with id '${id}' not found.`);
  }
}

/** Streams are not begun anew here: the run's own events can be (docs/doors.md). */
function refuseQuery({ params }: Exchange): void {
  const name = Object.keys(params).find(
    (key) => key !== "id" && !(key === "stream" && params.stream === "false"),
  );
  if (name === undefined || name === "include_obfuscation") return;
  throw new AppError("invalid_request", `"${name}" is not supported here: leave it out.`, {
    errors: [{ path: name, message: "is not supported here: leave it out" }],
  });
}
