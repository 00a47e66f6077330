// Which process of each Mac the hub deals with. The registry says (`nodes.meet`); it is asked of one that is not known, and not more often
// than an honest Mac comes and goes.
import type { NodeId } from "../../../contracts/ids.ts";
import type { MacVitals } from "../../../contracts/mac-vitals.ts";
import type { Met } from "../../../contracts/nodes.ts";
import { Bucket } from "../../../lib/bucket.ts";
import { type JournalPlace, readJournalClaim, succeeds } from "../../../lib/edge/journal-claim.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";

const ASKED = { most: 5, perS: 0.5 };

/** `journalSince`: since when (epoch milliseconds) all that processes of the Mac have run stands in its journal. */
export type MacProcess = { instance: string; journal: JournalPlace | undefined; journalSince: number };

/** `vitals`: what the process has said last. */
type Mac = { process: (MacProcess & { vitals: MacVitals }) | undefined; isAsked: boolean; asks: Bucket };

type Given = {
  /** @returns whether this process of the Mac is the one to deal with */
  meet(nodeId: NodeId, instance: string, journal: JournalPlace | undefined): Promise<Met>;
  /** It is, and takes the place of whatever process was there. */
  met(nodeId: NodeId): void;
  log: Pick<Log, "warn">;
};

/** Whether what was sent to the one process the other one knows of: it is the same, or has begun with its journal. */
export function knowsCallsOf(now: MacProcess, before: MacProcess): boolean {
  return now.instance === before.instance || succeeds(now.journal, before.journal);
}

export class MacProcesses {
  readonly #given: Given;
  readonly #macs = new Map<string, Mac>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** Macs of which a process is dealt with. */
  *ids(): Iterable<NodeId> {
    for (const [nodeId, { process }] of this.#macs) if (process !== undefined) yield nodeId as NodeId;
  }

  of(nodeId: string): MacProcess | undefined {
    return this.#macs.get(nodeId)?.process;
  }

  vitalsOf(nodeId: string): MacVitals {
    return this.#macs.get(nodeId)?.process?.vitals ?? {};
  }

  /** The process that is dealt with has said how the Mac is. */
  keepVitals(nodeId: string, vitals: MacVitals): void {
    const process = this.#macs.get(nodeId)?.process;
    if (process) process.vitals = vitals;
  }

  /**
   * A process has spoken. @returns whether it is dealt with; of one that is not known the registry is asked, and it will speak again
   * @param journal what it says of its journal
   */
  accepts(nodeId: string, instance: string, journal: unknown): boolean {
    const mac = this.#macs.get(nodeId) ?? this.#first(nodeId);
    if (mac.process?.instance === instance) return true;
    if (!mac.isAsked && mac.asks.takes()) void this.#meet(nodeId as NodeId, instance, journal, mac);
    return false;
  }

  /** It is gone, or not dealt with any more. @returns which one it was */
  leave(nodeId: string): string | undefined {
    const mac = this.#macs.get(nodeId);
    const instance = mac?.process?.instance;
    if (mac) mac.process = undefined;
    return instance;
  }

  /** What the registry is just asked of it does not count any more, either. */
  drop(nodeId: string): void {
    this.#macs.delete(nodeId);
  }

  #first(nodeId: string): Mac {
    const mac = { process: undefined, isAsked: false, asks: new Bucket(ASKED) };
    this.#macs.set(nodeId, mac);
    return mac;
  }

  async #meet(nodeId: NodeId, instance: string, said: unknown, mac: Mac): Promise<void> {
    mac.isAsked = true;
    try {
      const journal = readJournalClaim(said, nodeId, instance);
      const { accepted, journal_since } = await this.#given.meet(nodeId, instance, journal);
      if (!accepted || this.#macs.get(nodeId) !== mac) return;
      this.#given.met(nodeId);
      mac.process = { instance, journal, journalSince: journal_since, vitals: {} };
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
