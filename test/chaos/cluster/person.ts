// Somebody who chats through any gateway: with a key, so that what had no answer is asked again; with tools that leave a mark each time
// they run; who answers questions, cancels, interrupts, and whose connection is cut. It remembers all it was told.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { register } from "../../support/client.ts";
import { type Call, Door, isPassing } from "./door.ts";
import type { Member } from "./member.ts";
import { type Frame, Reader, SILENT_MS } from "./reader.ts";
import type { Stage } from "./stage.ts";

export type Sent = {
  key: string;
  body: Record<string, unknown>;
  /** What its calls append, one each. */
  lines: string[];
  reader: Reader;
  /** Unknown until it is accepted. */
  run?: string;
  session?: string;
  sentAt: number;
  acceptedAt?: number;
  /** Somebody asked for it, or interrupts the session it is in. */
  mayBeCancelled: boolean;
  /** A cancel of it was accepted before its end was seen. */
  isCancelled: boolean;
  /** What was answered, by call. */
  answers: Map<string, string>;
  /** The answer of a chat that was refused for good. */
  refused?: string;
};

/** Runs of a session; then a new one begins, so that prompts stay short. */
const MOST_IN_SESSION = 6;

/** After which silence a connection is given up: before the first word of an answer, and later. */
type Waits = { attemptMs: number; silentMs: number };
const WAITS: Waits = { attemptMs: 40_000, silentMs: SILENT_MS };

export class Person {
  readonly door: Door;
  /** The file that its calls append to. */
  readonly path: string;
  sent: Sent[] = [];
  readonly #random: () => number;
  readonly #waits: Waits;
  #session: string | undefined;
  #inSession = 0;

  private constructor(door: Door, path: string, random: () => number, waits: Waits) {
    this.door = door;
    this.path = path;
    this.#random = random;
    this.#waits = waits;
  }

  /** @param asks its writing calls are asked about, and not allowed at once */
  static async register(
    stage: Stage,
    random: () => number,
    calls: Call[],
    asks: boolean,
    waits = WAITS,
  ): Promise<Person> {
    const client = await register((stage.gateways[0] as Member).url);
    const owner = { Authorization: `Bearer ${stage.ownerKey}` };
    await client.call("PATCH", `/admin/users/${client.id}`, { plan: "enterprise" }, owner);
    if (!asks)
      await client.call("PUT", "/users/me/policy", { rules: [{ tool: "append_file", decision: "allow" }] });
    const { body } = await client.call<{ secret: string }>("POST", "/users/me/keys", {
      name: "chaos",
      scopes: ["chat", "approve", "sessions:read", "sessions:write", "tools:execute"],
    });
    const door = new Door(stage.gateways, body.secret, random, calls);
    return new Person(door, join(stage.cluster.workspace, client.id), random, waits);
  }

  /** Chats one after the other until it is told to stop, and to the end of the last one. */
  async live(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.#chat();
  }

  async #chat(): Promise<void> {
    const sent = this.#draft();
    this.sent.push(sent);
    const last = await this.#begin(sent);
    if (!last || !sent.run) return;
    await sent.reader.finish(this.door, sent.run, last, (frame) => this.#hear(sent, frame));
  }

  #draft(): Sent {
    if (this.#inSession >= MOST_IN_SESSION) [this.#session, this.#inSession] = [undefined, 0];
    const count = this.#pick([0, 1, 1, 1, 2]);
    const lines = Array.from({ length: count }, () => randomUUID());
    const calls = lines.map((line) => {
      const args = { path: this.path, content: `${line}\n`, create_if_missing: true };
      return `call:append_file ${JSON.stringify(args)}`;
    });
    const session = this.#session;
    const if_busy = this.#pick(["queue", "queue", "queue", "interrupt"]);
    return {
      key: randomUUID(),
      body: {
        message: count === 0 ? `talk ${randomUUID()}` : calls.join("\n"),
        ...(session ? { session_id: session, if_busy } : {}),
      },
      ...{ lines, reader: new Reader(this.#waits.silentMs), sentAt: performance.now() },
      // Another one in the same session may interrupt it.
      ...{ mayBeCancelled: true, isCancelled: false, answers: new Map<string, string>() },
    };
  }

  /** Asks until it is accepted or refused, each time through another gateway under the same key. @returns the last one asked */
  async #begin(sent: Sent): Promise<Member | undefined> {
    let gateway = this.door.any();
    for (;;) {
      const silence = new AbortController();
      const late = setTimeout(() => silence.abort(), this.#waits.attemptMs);
      const response = await this.door.open(
        gateway,
        ["POST", "/agent/chat", sent.body, { "Idempotency-Key": sent.key }],
        silence.signal,
      );
      clearTimeout(late);
      if (response?.status === 200)
        await sent.reader.take(response, silence, (frame) => this.#hear(sent, frame));
      else if (response && !isPassing(response.status)) {
        sent.refused = `${response.status} ${await response.text().catch(() => "")}`;
        return undefined;
      } else await response?.body?.cancel().catch(() => undefined);
      if (sent.run) return gateway;
      await new Promise((resolve) => setTimeout(resolve, 300));
      gateway = this.door.any(gateway);
    }
  }

  /** @returns whether the connection is cut here */
  #hear(sent: Sent, { event, data }: Frame): boolean {
    if (event === "run") {
      [sent.run, sent.session] = [String(data.run_id), String(data.session_id)];
      sent.acceptedAt = performance.now();
      if (this.#session === undefined) [this.#session, this.#inSession] = [sent.session, 0];
      if (this.#session === sent.session) this.#inSession += 1;
    }
    if (event === "approval_required") void this.#answer(sent, String(data.call_id));
    const chance = this.#random();
    if (chance < 0.01) void this.#cancel(sent);
    return chance > 0.96;
  }

  /** Once, or through two gateways at once. */
  async #answer(sent: Sent, call: string): Promise<void> {
    const path = `/agent/runs/${sent.run}/approvals/${call}`;
    const decide = async () => {
      const decision = this.#pick(["approve", "approve", "approve", "deny"]);
      const { status, tries } = await this.door.insist("POST", path, { decision });
      return { status, tries, decision };
    };
    const answers = await Promise.all(this.#pick([[decide()], [decide()], [decide(), decide()]]));
    const taken = answers.filter(({ status }) => status === 200);
    for (const { decision } of taken) sent.answers.set(call, decision);
    if (taken.length > 1) sent.reader.faults.push(`G6: two answers of ${call} were taken`);
    for (const { status } of answers)
      if (![200, 409].includes(status)) sent.reader.faults.push(`an answer of ${call} got ${status}`);
  }

  async #cancel(sent: Sent): Promise<void> {
    const { status } = await this.door.insist("POST", `/agent/cancel/${sent.run}`);
    if (status === 202) sent.isCancelled = true;
    else sent.reader.faults.push(`the cancel of ${sent.run} got ${status}`);
  }

  #pick<T>(choices: T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}
