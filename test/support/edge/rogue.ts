// A Mac with valid credentials of its own that says whatever a test wants, on a plain connection to nats-server.
import { randomUUID } from "node:crypto";
import type { NatsConnection } from "nats";
import type { EdgeStack, PairedMac } from "./edge-stack.ts";
import { connectAs } from "./edge-users.ts";

export type Request = { id: string; action: string; params: Record<string, unknown> };
type Answer = (request: Request) => unknown;

export class Rogue {
  readonly connection: NatsConnection;
  readonly instance = randomUUID();
  /** All that came, with its subject. */
  readonly heard: { subject: string; text: string }[] = [];
  /** How it answers requests; nothing is said where it gives undefined. */
  answer: Answer = () => undefined;
  #pulse: NodeJS.Timeout | undefined;
  readonly #id: string;

  static async connect(edge: EdgeStack, mac: PairedMac): Promise<Rogue> {
    const { jwt } = await mac.credentials();
    const { id, key } = mac;
    const rogue = new Rogue(
      await connectAs(edge.server, { jwt, seed: Buffer.from(key.seed).toString() }),
      id,
    );
    await rogue.connection.flush();
    return rogue;
  }

  constructor(connection: NatsConnection, id: string) {
    this.connection = connection;
    this.#id = id;
    for (const subject of [`MOL-edge.*.hub.*.${id}`, "MOL-edge.*.hub.*.all"])
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) return;
          this.heard.push({ subject: message.subject, text: message.string() });
          this.#react(message.subject, message.string());
        },
      });
  }

  /** Nothing where it was cut off. @param data bytes or text as they are, anything else as JSON */
  say(command: string, data: unknown, hub = "all"): void {
    if (this.connection.isClosed()) return;
    const isRaw = typeof data === "string" || data instanceof Uint8Array;
    this.connection.publish(
      `MOL-edge.${command}.${this.#id}.hub.${hub}`,
      isRaw ? data : JSON.stringify({ ver: "5", sender: this.#id, ...(data as object) }),
    );
  }

  info(instance = this.instance, more: object = {}): void {
    this.say("INFO", { services: [], instanceID: instance, seq: 1, ...more });
  }

  heartbeat(instance = this.instance): void {
    this.say("HEARTBEAT", { cpu: 1, instanceID: instance });
  }

  /** It behaves as a Mac that is there. */
  come(): void {
    this.info();
    this.#pulse = setInterval(() => this.heartbeat(), 1_000);
  }

  /** It says nothing more by itself, and does not say that it goes. */
  vanish(): void {
    clearInterval(this.#pulse);
    this.answer = () => undefined;
  }

  respond(id: unknown, more: object): void {
    this.say("RES", { id, meta: {}, success: true, ...more });
  }

  async leave(): Promise<void> {
    clearInterval(this.#pulse);
    await this.connection.close();
  }

  #react(subject: string, text: string): void {
    const [, command] = subject.split(".");
    if (command === "DISCOVER" && this.#pulse) this.info();
    if (command !== "REQ") return;
    const request = JSON.parse(text) as Request;
    const data = this.answer(request);
    if (data instanceof Uint8Array) this.say("RES", data);
    else if (data !== undefined) this.respond(request.id, { data });
  }
}

export const description = (more: object = {}) => ({
  ...{ host_name: "rogue", platform: "darwin", version: "1", home: "/Users/rogue", roots: [], tools: [] },
  ...{ skipped_plugins: [], sandbox: "on", ...more },
});

export const describedTool = (more: object = {}) => ({
  ...{ name: "read_file", category: "files", description: "x", parameters: { type: "object" }, risk: "read" },
  ...{ egress: false, idempotent: true, timeout_ms: 1_000, changes: [], ...more },
});
