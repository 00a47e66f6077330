// Calls on Macs while a test spoils everything around them: who makes the calls, and what is known of each.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MacRecords, readMac } from "../../auditor/mac-records.ts";
import type { Row } from "../../auditor/records.ts";
import type { ServedMac, ServedMacs } from "../served-macs.ts";

const ENDED = ["completed", "failed", "cancelled"];
const NAME = /echo \\?"(n\d+) /;

/** Of a call's arguments, or of what the audit trail shows of them. */
export const nameOf = (args: unknown): string | undefined => NAME.exec(JSON.stringify(args) ?? "")?.[1];

type Kept = { mac: ServedMac; folders: string[]; isForked: boolean };

export class Series {
  readonly macs: ServedMacs;
  /** The Mac of most calls; others come and go. */
  readonly mac: ServedMac;
  readonly random: () => number;
  readonly #kept: Kept[] = [];
  readonly #underWay = new Set<string>();
  #made = 0;

  constructor(macs: ServedMacs, mac: ServedMac, random: () => number) {
    this.macs = macs;
    this.mac = mac;
    this.random = random;
    this.keep(mac, [mac.folder.path]);
  }

  get made(): number {
    return this.#made;
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  /** It is judged in the end, with all its folders. @param isForked processes of it did not know of each other's calls */
  keep(mac: ServedMac, folders: string[], isForked = false): void {
    this.#kept.push({ mac, folders, isForked });
  }

  /** Adds a line, slowly or at once, in a run or outside of one; some are cancelled. Answers when it has ended, or nobody will say more. */
  async call(
    mac: ServedMac = this.mac,
    slowS = this.random() < 0.5 ? this.between(0.05, 1.5) : 0,
  ): Promise<void> {
    this.#made += 1;
    const name = `n${this.#made}`;
    const wait = slowS > 0 ? `; sleep ${slowS.toFixed(2)}` : "";
    const command = `echo "${name} $(date +%s%3N)" >> ${this.#log(mac)}${wait}`;
    this.#underWay.add(name);
    try {
      if (this.random() < 0.2) await this.#direct(mac, command);
      else await this.#run(name, mac, command);
    } finally {
      this.#underWay.delete(name);
    }
  }

  /** Whether a call has begun there whose end nobody has told yet. */
  runs({ root }: ServedMac = this.mac): boolean {
    const file = join(root, "log");
    if (!existsSync(file)) return false;
    return readFileSync(file, "utf8")
      .split("\n")
      .some((line) => this.#underWay.has(line.split(" ")[0] ?? ""));
  }

  /** Whether a call waits for the Mac to come. */
  async waits({ id }: ServedMac = this.mac): Promise<boolean> {
    const asked = this.macs.user.call<{ calls: unknown[] }>("GET", `/nodes/${id}/queue`);
    return asked.then(
      ({ body }) => body.calls.length > 0,
      () => false,
    );
  }

  /** What all Macs have kept. Ask when they are stopped. @param nodes rows of the registry */
  records(nodes: Row[]): MacRecords[] {
    return this.#kept.map(({ mac, folders, isForked }) => {
      const revoked = nodes.find(({ id }) => id === mac.id)?.revoked_at;
      return {
        ...readMac(mac.id, folders, this.#log(mac)),
        ...(typeof revoked === "string" ? { revokedAt: Date.parse(revoked) } : {}),
        isForked,
      };
    });
  }

  readonly #log = ({ root }: ServedMac) => join(root, "log");

  /** Outside of a run: whoever asked hears of it, or its server died. */
  async #direct(mac: ServedMac, command: string): Promise<void> {
    const body = { args: { command }, node_id: mac.id, wait_s: 20 };
    await this.macs.user.call("POST", "/tools/execute_shell_command/execute", body).catch(() => undefined);
  }

  async #run(name: string, mac: ServedMac, command: string): Promise<void> {
    const { user } = this.macs;
    const message = `call:execute_shell_command ${JSON.stringify({ command })}`;
    const run = await this.#accepted(name, { message, node_id: mac.id });
    if (run === undefined) return;
    if (this.random() < 0.1) await user.call("POST", `/agent/cancel/${run}`).catch(() => undefined);
    for (;;) {
      const status = await this.#statusOf(run);
      if (status !== undefined && ENDED.includes(status)) return;
      await sleep(200);
    }
  }

  /** Asked again with the same key until the server is there. @returns undefined when it is refused */
  async #accepted(name: string, body: Record<string, unknown>): Promise<string | undefined> {
    const headers = { "Idempotency-Key": name };
    for (;;) {
      try {
        const [first] = await this.macs.user.chat(body, { headers, until: ({ event }) => event === "run" });
        if (first) return String(first.data.run_id);
      } catch (thrown) {
        if (/^chat: 4/.test((thrown as Error).message)) return undefined;
      }
      await sleep(200);
    }
  }

  async #statusOf(run: string): Promise<string | undefined> {
    try {
      const { body } = await this.macs.user.call<{ run?: { status: string } }>("GET", `/agent/runs/${run}`);
      return body.run?.status;
    } catch {
      return undefined;
    }
  }
}
