// What others have handed over to this process and it reads now: each once, heard when it is here, and before the word that its sender
// has left.
import type { Transporters } from "moleculer";
import { toError } from "../../errors.ts";
import { reportDefect } from "../../report-defect.ts";
import type { LargeParts } from "./large-parts.ts";
import { answerNotRead, requestNotRead } from "./refusals.ts";

type Packet = Parameters<InstanceType<typeof Transporters.Base>["publish"]>[0];

type Ways = {
  /** Not there in a process that was given no store. */
  large: LargeParts | undefined;
  /** What is answered to the packet instead of what was asked. */
  refusal(packet: Packet, error: Error): Packet["payload"];
  answer(packet: Packet): Promise<void>;
  warn(words: string): void;
};

export class Fetches {
  readonly #ways: Ways;
  /** By the id of the request: the same answer may come twice (owed-answers.ts). */
  readonly #underWay = new Map<string, { from: string; done: Promise<void> }>();

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  has(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** @param isAwaited whether somebody still waits for it @param hear with its part, or with the words of why that is not here */
  once(cmd: string, packet: Packet, isAwaited: boolean, hear: () => unknown): void {
    const { id, sender } = packet.payload;
    if (this.has(id)) return;
    if (!isAwaited) {
      this.#ways.large?.drop(packet);
      return;
    }
    const done = this.#fetch(cmd, packet, hear)
      .catch(reportDefect)
      .finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, { from: sender, done });
  }

  /** Hears what a process says behind all that it has handed over. */
  behind(from: string, hear: () => unknown): unknown {
    const before = [...this.#underWay.values()].filter((one) => one.from === from).map(({ done }) => done);
    return before.length === 0 ? hear() : Promise.all(before).then(hear).catch(reportDefect);
  }

  async #fetch(cmd: string, packet: Packet, hear: () => unknown): Promise<void> {
    const { large, refusal, answer, warn } = this.#ways;
    const { payload } = packet;
    try {
      if (!large) throw new Error("this process was given no S3_URL");
      await large.bring(cmd, packet);
    } catch (thrown) {
      warn(`what ${payload.sender} has handed over could not be read: ${toError(thrown).message}`);
      if (cmd !== "RES") {
        const refused = refusal(packet, requestNotRead(thrown));
        return await answer({ type: "RES", target: payload.sender, payload: refused });
      }
      Object.assign(payload, refusal(packet, answerNotRead(thrown)));
    }
    await hear();
  }
}
