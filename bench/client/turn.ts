// One turn of the load: a request in the dialect of its target, its answer checked token by token.
import { type Agent, type IncomingMessage, request } from "node:http";
import { microseconds } from "../measure/clock.ts";
import type { Job } from "../measure/job.ts";
import { writeScript } from "../measure/script.ts";
import { FrameReader } from "./frames.ts";
import type { Recorder } from "./recorder.ts";
import { TokenCheck } from "./token-check.ts";

/** Turns after which a worker begins a new session: histories stay of one size, however long a benchmark runs. */
const TURNS_PER_SESSION = 10;

/** A worker or stream: its user, its way in and its conversation. */
export type Conversation = { bearer: string; port: number; sessionId: string | undefined; turns: number };

/**
 * Runs one turn to its end. Never throws: what went wrong is the turn's fault in the records.
 * @param onRun told the id of its run as soon as that is known
 */
export async function runTurn(
  job: Job,
  conversation: Conversation,
  agent: Agent,
  recorder: Recorder,
  onRun: (run: string) => void = () => undefined,
): Promise<void> {
  if (conversation.turns % TURNS_PER_SESSION === 0) conversation.sessionId = undefined;
  conversation.turns += 1;
  const turn = recorder.begin();
  const check = new TokenCheck(job.script.tokens, (token) => turn.token(token));
  let fault: string | undefined;
  try {
    const response = await post(job, conversation, agent);
    if (response.statusCode === 200 && job.streamed)
      fault = await readStream(job, response, check, turn, ({ session, run }) => {
        conversation.sessionId = session;
        onRun(run);
      });
    else fault = await readWhole(job, response, conversation, check, turn.arrived);
    if (fault === undefined) check.end();
  } catch (error) {
    fault = String(error);
  }
  fault ??= check.fault;
  // A session whose run went wrong may stay busy: the next turn shall not fail for that.
  if (fault !== undefined) conversation.turns = 0;
  turn.end(fault);
}

/** Reads the run of somebody's turn along to its end. Never throws: as a turn of its own in the records. */
export async function readAlong(
  job: Job,
  run: string,
  { bearer, port }: Pick<Conversation, "bearer" | "port">,
  agent: Agent,
  recorder: Recorder,
): Promise<void> {
  const turn = recorder.begin();
  const check = new TokenCheck(job.script.tokens, (token) => turn.token(token));
  let fault: string | undefined;
  try {
    const response = await send("GET", `/api/v1/agent/runs/${run}/events`, { bearer, port }, agent);
    fault = await readStream(job, response, check, turn, () => undefined);
    if (fault === undefined) check.end();
  } catch (error) {
    fault = String(error);
  }
  turn.end(fault ?? check.fault);
}

function post(job: Job, conversation: Conversation, agent: Agent): Promise<IncomingMessage> {
  return send("POST", pathOf(job), conversation, agent, JSON.stringify(bodyOf(job, conversation)));
}

function send(
  method: "GET" | "POST",
  path: string,
  { bearer, port }: Pick<Conversation, "bearer" | "port">,
  agent: Agent,
  body?: string,
): Promise<IncomingMessage> {
  const headers = {
    ...(body === undefined
      ? {}
      : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }),
    ...(bearer === "" ? {} : { Authorization: `Bearer ${bearer}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent }, resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}

function pathOf({ target, streamed }: Job): string {
  if (target.dialect === "openai") return "/v1/chat/completions";
  return streamed ? "/api/v1/agent/chat" : "/api/v1/agent/chat/sync";
}

function bodyOf({ target, script, streamed, tools }: Job, { sessionId }: Conversation): object {
  const message = writeScript(script);
  if (target.dialect === "openai")
    return { model: "bench", messages: [{ role: "user", content: message }], stream: streamed };
  const { node } = target;
  return {
    ...{ message, ...(sessionId ? { session_id: sessionId } : {}) },
    ...(tools ? { tools } : {}),
    ...(node === undefined ? {} : { node_id: node }),
  };
}

/** @returns the fault of the stream itself; that of its tokens is in `check` */
function readStream(
  job: Job,
  response: IncomingMessage,
  check: TokenCheck,
  turn: Pick<ReturnType<Recorder["begin"]>, "arrived" | "printed">,
  onRun: (ids: { session: string; run: string }) => void,
): Promise<string | undefined> {
  const frames = new FrameReader(job.target.dialect);
  let end: { fault: string | undefined } | undefined;
  let rest = "";
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    turn.printed(lines);
  };
  return new Promise((resolve) => {
    response.on("data", (piece: Buffer) => {
      turn.arrived(microseconds());
      try {
        frames.feed(piece, (frame) => {
          if (frame.type === "text") check.feed(frame.text);
          else if (frame.type === "output") take(frame.text);
          else if (frame.type === "run") onRun(frame);
          else if (frame.type === "end") end ??= frame;
        });
      } catch (error) {
        end = { fault: String(error) };
      }
    });
    response.on("error", (error) => resolve(String(error)));
    response.on("end", () => resolve(end ? end.fault : "the stream ended before its end event"));
  });
}

async function readWhole(
  job: Job,
  response: IncomingMessage,
  conversation: Conversation,
  check: TokenCheck,
  arrived: (at: number) => void,
): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  arrived(microseconds());
  const text = Buffer.concat(pieces).toString();
  if (response.statusCode !== 200) return `status ${response.statusCode}: ${text.slice(0, 300)}`;
  if (job.target.dialect === "openai") {
    const { choices } = JSON.parse(text) as { choices: { message: { content: string } }[] };
    check.feed(choices[0]?.message.content ?? "");
    return undefined;
  }
  const answer = JSON.parse(text) as {
    session_id: string;
    status: string;
    message: { content: string } | null;
  };
  conversation.sessionId = answer.session_id;
  check.feed(answer.message?.content ?? "");
  return answer.status === "completed" ? undefined : `the run ended ${answer.status}: ${text.slice(0, 300)}`;
}
