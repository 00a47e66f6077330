// Whether another process on the bus is one of this cluster: only then is anything heard of it. Two clusters that share a NATS by
// mistake would else work on each other's people with their own stores.
import type { Transporters } from "moleculer";

type Packet = Parameters<InstanceType<typeof Transporters.Base>["publish"]>[0];

/** What a process tells of itself. */
export type MetadataOfBus = {
  protocol: number;
  version: string;
  returns: number;
  /** Its cluster's id, kept in PostgreSQL; undefined while a process that does not open that has met no other. */
  cluster?: string;
  /** Fingerprints of its signing secrets. */
  secrets: string[];
  /** Where it reads what is too large for the bus; a version that knows none of that has none. */
  objects?: string;
};

const APART =
  "Give each cluster a NATS server of its own, or set POSTGRES_URL and JWT_SECRET of this process as the others have them.";

export class Belonging {
  readonly #own: MetadataOfBus;
  readonly #foreign = new Set<string>();
  readonly #tell: (words: string) => void;

  /** @param own of this process; learns the cluster's id from the first that has one. @param tell once of each process that is foreign */
  constructor(own: MetadataOfBus, tell: (words: string) => void) {
    this.#own = own;
    this.#tell = tell;
  }

  /** Whether the packet may be heard. */
  admits(cmd: string, { payload }: Packet): boolean {
    const sender = String(payload?.sender);
    if (cmd === "INFO") this.#meet(sender, Object(payload?.metadata).bus);
    const isForeign = this.#foreign.has(sender);
    if (isForeign && cmd === "DISCONNECT") this.#foreign.delete(sender);
    return !isForeign;
  }

  #meet(sender: string, other: Partial<MetadataOfBus> | undefined): void {
    const words = other && foreignWords(this.#own, other);
    if (words === undefined) {
      // A process without PostgreSQL belongs where it is let in first.
      if (other?.cluster) this.#own.cluster ??= other.cluster;
      return;
    }
    if (this.#foreign.has(sender)) return;
    this.#foreign.add(sender);
    this.#tell(`${words} (${sender}). ${APART}`);
  }
}

/** Why the other is not of this cluster; undefined when nothing says so. */
function foreignWords(own: MetadataOfBus, other: Partial<MetadataOfBus>): string | undefined {
  if (own.cluster && other.cluster && own.cluster !== other.cluster)
    return "Two clusters are on one NATS: another process there works on another PostgreSQL";
  const { secrets } = other;
  // While a secret is replaced some have the old one, some the new one, and some both.
  if (secrets && !secrets.some((one) => own.secrets.includes(one)))
    return "Another process on this NATS has another JWT_SECRET, which has to be the same for all of a cluster";
  return undefined;
}
