// Which process of each Mac the hub deals with. The registry says (`nodes.meet`); it is asked of one that is not known, and not more often
// than an honest Mac comes and goes.
import type { NodeId } from "../../../contracts/ids.ts";
import { Bucket } from "../../../lib/bucket.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";

const ASKED = { most: 5, perS: 0.5 };
/** Other processes of one Mac that are remembered. */
const MOST_OTHERS = 16;

type Mac = {
  instance: string | undefined;
  isAsked: boolean;
  asks: Bucket;
  /** Processes that have spoken while another one was dealt with; true of those that lived beside it for certain. */
  others: Map<string, boolean>;
};

type Given = {
  /** @returns whether this process of the Mac is the one to deal with */
  meet(nodeId: NodeId, instance: string): Promise<boolean>;
  /** It is, and takes the place of whatever process was there. */
  met(nodeId: NodeId): void;
  log: Pick<Log, "warn">;
};

export class MacProcesses {
  readonly #given: Given;
  readonly #macs = new Map<string, Mac>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** Macs of which a process is dealt with. */
  *ids(): Iterable<NodeId> {
    for (const [nodeId, { instance }] of this.#macs) if (instance !== undefined) yield nodeId as NodeId;
  }

  of(nodeId: string): string | undefined {
    return this.#macs.get(nodeId)?.instance;
  }

  /** A process has spoken. @returns whether it is dealt with; of one that is not known the registry is asked, and it will speak again */
  accepts(nodeId: string, instance: string): boolean {
    const mac = this.#macs.get(nodeId) ?? this.#first(nodeId);
    if (mac.instance === instance) {
      for (const other of mac.others.keys()) mac.others.set(other, true);
      if (mac.others.size > 0) mac.others.set(instance, true);
      return true;
    }
    if (mac.instance !== undefined && !mac.others.has(instance)) this.#remember(mac, instance);
    if (!mac.isAsked && mac.asks.takes()) void this.#meet(nodeId as NodeId, instance, mac);
    return false;
  }

  /**
   * Whether what was sent to the one process of a Mac is not known to the other: they ran beside each other, so each has a journal of
   * its own. One that was started again has that of the one before.
   */
  areTwo(nodeId: string, one: string, other: string): boolean {
    return one !== other && this.#macs.get(nodeId)?.others.get(other) === true;
  }

  /** It is gone, or not dealt with any more. @returns which one it was */
  leave(nodeId: string): string | undefined {
    const mac = this.#macs.get(nodeId);
    const instance = mac?.instance;
    if (mac) mac.instance = undefined;
    return instance;
  }

  /** What the registry is just asked of it does not count any more, either. */
  drop(nodeId: string): void {
    this.#macs.delete(nodeId);
  }

  #first(nodeId: string): Mac {
    const mac = { instance: undefined, isAsked: false, asks: new Bucket(ASKED), others: new Map() };
    this.#macs.set(nodeId, mac);
    return mac;
  }

  #remember({ others }: Mac, instance: string): void {
    const [oldest] = others.keys();
    if (others.size >= MOST_OTHERS && oldest !== undefined) others.delete(oldest);
    others.set(instance, false);
  }

  async #meet(nodeId: NodeId, instance: string, mac: Mac): Promise<void> {
    mac.isAsked = true;
    try {
      const accepted = await this.#given.meet(nodeId, instance);
      if (!accepted || this.#macs.get(nodeId) !== mac) return;
      this.#given.met(nodeId);
      mac.instance = instance;
    } catch (thrown) {
      this.#given.log.warn(
        { err: toError(thrown), node_id: nodeId },
        "whether a Mac may join could not be asked",
      );
    } finally {
      mac.isAsked = false;
    }
  }
}
