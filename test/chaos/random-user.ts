// A user who does at random what users do: chats, waits in line, interrupts, approves, denies, cancels, asks in sync, adds
// messages by hand. It remembers what was accepted.
import { type AnyEvent, readEvents, type register } from "../support/client.ts";

type Client = Awaited<ReturnType<typeof register>>;
type Body = Record<string, unknown>;
export type Sent = {
  run: string;
  key: string;
  body: Body;
  path: string;
  /** What its call should append; empty when it calls nothing. */
  line: string;
  mayBeCancelled: boolean;
};
type View = {
  status: string;
  error?: { code: string };
  steps: { tool_calls: { call_id: string; status: string; approval?: { decision: unknown } }[] }[];
};

/** `append_file` is allowed, the other asks: it is answered in one of these ways. */
const ANSWERS = [{ decision: "approve" }, { decision: "approve" }, { decision: "deny" }];

export class User {
  readonly client: Client;
  /** The file that its calls append to. */
  readonly path: string;
  readonly sent: Sent[] = [];
  readonly #random: () => number;
  #session: string | undefined;
  #lines = 0;

  constructor(client: Client, path: string, random: () => number) {
    this.client = client;
    this.path = path;
    this.#random = random;
  }

  /** Does one thing after the other, and two at once, until the server is gone. */
  async liveUntilDead(): Promise<void> {
    const live = async () => {
      for (;;)
        await this.#pick([() => this.#chat(), () => this.#chat(), () => this.#sync(), () => this.#byHand()]);
    };
    await Promise.allSettled([live(), live()]);
  }

  /** Whether nothing is under way any more; answers what is asked, also by runs that no answer told us of. */
  async isQuiet(): Promise<boolean> {
    let open = 0;
    for (const status of ["queued", "running", "waiting_approval"]) {
      const { body } = await this.client.call<{ runs: { id: string }[] }>(
        "GET",
        `/agent/runs?status=${status}`,
      );
      for (const { id } of body.runs) await this.#answerOpen(id);
      open += body.runs.length;
    }
    return open === 0;
  }

  async viewOf(run: string): Promise<View> {
    return (await this.client.call<{ run: View }>("GET", `/agent/runs/${run}`)).body.run;
  }

  /** The run that the same request finds now. */
  async runOfKey({ path, body, key }: Sent): Promise<string> {
    const headers = { "Idempotency-Key": key };
    if (path === "/agent/chat/sync")
      return (await this.client.call<{ run_id: string }>("POST", path, body, headers)).body.run_id;
    const [first] = await this.client.chat(body, { headers, until: isRun });
    return String(first?.data.run_id);
  }

  #pick<T>(choices: T[]): T extends () => infer R ? R : T {
    const choice = choices[Math.floor(this.#random() * choices.length)] as T;
    return (typeof choice === "function" ? choice() : choice) as never;
  }

  #draft(path: string): Omit<Sent, "run"> {
    this.#lines += 1;
    const line = this.#pick([`${this.#lines} ${Math.floor(this.#random() * 1e9)}`, ""]);
    const args = { path: this.path, content: `${line}\n`, create_if_missing: true };
    const call = `call:append_file ${JSON.stringify(args)}`;
    const asking = `call:execute_shell_command ${JSON.stringify({ command: "true" })}`;
    const message = line === "" ? "talk" : this.#pick([call, `${call}\n${asking}`]);
    const session = this.#pick([this.#session, undefined]);
    const body = {
      message,
      ...(session
        ? { session_id: session, if_busy: this.#pick(["queue", "queue", "interrupt", "reject"]) }
        : {}),
    };
    return {
      key: `key-${this.#lines}-${Math.floor(this.#random() * 1e9)}`,
      body,
      path,
      line,
      mayBeCancelled: false,
    };
  }

  async #chat(): Promise<void> {
    const draft = this.#draft("/agent/chat");
    const response = await this.client.open("POST", draft.path, draft.body, { "Idempotency-Key": draft.key });
    if (response.status !== 200) return void (await response.text());
    const cancels = this.#random() < 0.2;
    let sent: Sent | undefined;
    const events = await readEvents(response, (event) => {
      sent ??= this.#accepted(draft, event.data);
      return event.event === "approval_required" || (cancels && this.#random() < 0.5);
    });
    if (!sent || events.at(-1)?.event === "done") return;
    if (cancels) {
      sent.mayBeCancelled = true;
      await this.client.call("POST", `/agent/cancel/${sent.run}`);
    } else if (this.#random() < 0.8) await this.#answerOpen(sent.run);
  }

  async #sync(): Promise<void> {
    const draft = this.#draft("/agent/chat/sync");
    const answer = await this.client.call<Body>("POST", draft.path, draft.body, {
      "Idempotency-Key": draft.key,
    });
    if (answer.status === 200 || answer.status === 202) this.#accepted(draft, answer.body);
  }

  async #byHand(): Promise<void> {
    if (!this.#session) return this.#sync();
    await this.client.call("POST", `/sessions/${this.#session}/messages`, {
      role: "user",
      content: "by hand",
    });
  }

  #accepted(draft: Omit<Sent, "run">, { run_id, session_id }: Body): Sent {
    const sent = { ...draft, run: String(run_id), mayBeCancelled: "session_id" in draft.body };
    this.#session ??= String(session_id);
    // An interrupt of the shared session may end any run in it.
    if (session_id === this.#session) sent.mayBeCancelled = true;
    this.sent.push(sent);
    return sent;
  }

  async #answerOpen(run: string): Promise<void> {
    const view = await this.viewOf(run);
    const open = view.steps
      .flatMap((step) => step.tool_calls)
      .filter((call) => call.approval?.decision === null && call.status === "waiting_approval");
    for (const { call_id } of open)
      await this.client.call("POST", `/agent/runs/${run}/approvals/${call_id}`, this.#pick(ANSWERS));
  }
}

const isRun = (event: AnyEvent) => event.event === "run";
