// Natsagent's core: quota, history, the model, the tool loop. Tools run on another process.
import { connect, headers } from "nats";
import { endWithParent, type Ready } from "../measure/announce.ts";
import { askUpstream } from "../minagent/ask-upstream.ts";
import { type Message, openSession, reserve, settle } from "../minagent/memory.ts";

const [url = "", upstreamPort = ""] = process.argv.slice(2);
const nats = await connect({ servers: url, noEcho: true });
const MAX_STEPS = 25;

type Asked = { user: string; isStream: boolean; message: string; session_id?: string };
type Send = (text: string, isEnd?: boolean) => void;

nats.subscribe("core.chat", {
  callback(error, message) {
    if (error || !message.reply) return;
    void chat(message.json<Asked>(), message.reply);
  },
});
process.send?.({ type: "ready", port: 0 } satisfies Ready);
endWithParent();

async function chat(asked: Asked, reply: string): Promise<void> {
  const type = asked.isStream ? "text/event-stream" : "application/json";
  let isFirst = true;
  const send: Send = (text, isEnd = false) => {
    const told = isFirst || isEnd ? headers() : undefined;
    if (isFirst) told?.set("type", type);
    if (isEnd) told?.set("end", "1");
    isFirst = false;
    nats.publish(reply, text, told ? { headers: told } : {});
  };
  const session = openSession(asked.user, asked.session_id);
  if (!session || !reserve(asked.user)) return send(JSON.stringify({ status: "refused" }), true);
  session.messages.push({ role: "user", content: asked.message });
  const tokens = await (asked.isStream ? stream(session, send) : answerOnce(session, send));
  settle(asked.user, tokens);
}

type Session = { id: string; messages: Message[] };

async function stream(session: Session, send: Send): Promise<number> {
  let seq = 0;
  const emit = (event: string, data: object, isEnd = false) => {
    seq += 1;
    send(`id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`, isEnd);
  };
  emit("run", { session_id: session.id, status: "running" });
  const tokens = await work(session.messages, emit);
  emit("done", { status: "completed", finish_reason: "stop" }, true);
  return tokens;
}

async function answerOnce(session: Session, send: Send): Promise<number> {
  const tokens = await work(session.messages);
  const content = session.messages.at(-1)?.content ?? "";
  const message = { role: "assistant", content };
  send(JSON.stringify({ session_id: session.id, status: "completed", message }), true);
  return tokens;
}

async function work(messages: Message[], emit?: (event: string, data: object) => void): Promise<number> {
  let tokens = 0;
  for (let step = 1; step <= MAX_STEPS; step++) {
    const answer = await askUpstream(
      Number(upstreamPort),
      messages,
      emit && ((text) => emit("content", { step, text })),
    );
    tokens += answer.tokens;
    emit?.("usage", { step, output_tokens: answer.tokens });
    const { text: content, calls } = answer;
    messages.push({ role: "assistant", content, ...(calls.length > 0 ? { tool_calls: calls } : {}) });
    if (calls.length === 0) break;
    for (const { id, function: called } of calls) {
      emit?.("tool_start", { step, call_id: id, name: called.name });
      const result = await nats.request(`node.tool.${called.name}`, called.arguments, { timeout: 30_000 });
      emit?.("tool_result", { step, call_id: id, name: called.name, ok: true });
      messages.push({ role: "tool", tool_call_id: id, content: result.string() });
    }
  }
  return tokens;
}
