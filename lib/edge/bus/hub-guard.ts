// What a hub believes of a Mac, and nothing else: a Mac is an untrusted machine with valid credentials. Each packet that Moleculer is
// given is made here anew, of the few fields that are needed (docs/decisions/2026-11-30-macs.md, guarantee G22).
import { believedVitals, type MacVitals } from "../../../contracts/mac-vitals.ts";
import type { Guard, Said, Transit } from "./edge-transporter.ts";
import type { Flood } from "./flood.ts";
import { isPlain } from "./plain.ts";

/** The one service that a Mac has, as the hub's registry is told: what a Mac says it has is not looked at. */
const ACTIONS = ["describe", "resolve", "execute", "cancel", "fence", "freeze", "chain"];
const SERVICE = {
  ...{ name: "node", fullName: "node", settings: {}, metadata: {}, events: {} },
  actions: Object.fromEntries(
    ACTIONS.map((action) => [`node.${action}`, { name: `node.${action}`, rawName: action }]),
  ),
};
const LONGEST_WORDS = 2_000;
/** Bytes: of a piece of output, and of all else but answers. */
const LARGEST_OUTPUT = 1_048_576;
const LARGEST_PACKET = 65_536;

export type Told = {
  /** A Mac's process has told of itself, and of its journal (lib/edge/journal-claim.ts). Whether it is the one that we deal with: what another one says is dropped. */
  accepts(nodeId: string, instance: string, journal: unknown): boolean;
  /** Whether it is the one that we deal with now. */
  knows(nodeId: string, instance: string): boolean;
  /** How busy the process's Mac is that we deal with, as far as it says so in a sensible way. */
  vitals(nodeId: string, vitals: MacVitals): void;
  /** A piece of what a call prints. */
  output(nodeId: string, said: Said): void;
  /** It said something that no honest Mac says. */
  odd(nodeId: string, what: string): void;
};

export class HubGuard implements Guard {
  readonly #told: Told;
  readonly #flood: Flood;
  readonly #transit: () => Transit;

  constructor(told: Told, flood: Flood, transit: () => Transit) {
    this.#told = told;
    this.#flood = flood;
    this.#transit = transit;
  }

  hears(command: string, sender: string, bytes: number): boolean {
    if (!this.#flood.takes(sender, bytes)) return false;
    if (bytes <= LARGEST_PACKET) return true;
    // Only a Mac that was asked something may say as much as the bus takes.
    if (command === "RES") return this.#isAsked(sender);
    if (command === "OUT" && bytes <= LARGEST_OUTPUT) return true;
    this.#odd(sender, "a packet of such a size");
    return false;
  }

  unreadable(sender: string): undefined {
    return this.#odd(sender, "what cannot be read");
  }

  admit(command: string, sender: string, said: Said): Said | undefined {
    if (said.sender !== undefined && said.sender !== sender) return this.#odd(sender, "another sender");
    if (command === "RES") return this.#answer(sender, said);
    if (!isPlain(said)) return this.#odd(sender, "no plain data");
    switch (command) {
      case "INFO":
        return this.#info(sender, said);
      case "HEARTBEAT":
        return this.#heartbeat(sender, said);
      case "PONG":
        return { id: word(said.id), time: count(said.time), arrived: count(said.arrived) };
      case "DISCONNECT":
        return this.#told.knows(sender, word(said.instanceID)) ? {} : undefined;
      case "OUT":
        this.#told.output(sender, said);
        return undefined;
      // A stock broker says them when it comes; hubs tell nothing of themselves but their heartbeats.
      case "DISCOVER":
      case "PING":
        return undefined;
      default:
        return this.#odd(sender, command === "REQ" || command === "EVENT" ? command : "an unknown packet");
    }
  }

  #info(sender: string, { instanceID, seq, journal }: Said): Said | undefined {
    const instance = word(instanceID);
    if (instance === "" || !this.#told.accepts(sender, instance, journal)) return undefined;
    return {
      ...{ services: [SERVICE], ipList: [], hostname: "", client: {}, config: {}, metadata: {} },
      ...{ instanceID: instance, seq: count(seq) },
    };
  }

  #heartbeat(sender: string, said: Said): Said | undefined {
    const { instanceID, cpu, journal } = said;
    const instance = word(instanceID);
    // Its death would not be noticed while another process of it lives.
    if (instance === "" || !this.#told.accepts(sender, instance, journal)) return undefined;
    this.#told.vitals(sender, believedVitals(said));
    return { cpu: typeof cpu === "number" ? cpu : null, instanceID: instance };
  }

  #isAsked(sender: string): boolean {
    return this.#transit()
      .pendingRequests.values()
      .some(({ nodeID }) => nodeID === sender);
  }

  /** Only the Mac that was asked answers, and its answer changes nothing of who asked. */
  #answer(sender: string, { id, success, data, error, stream }: Said): Said | undefined {
    const asked = this.#transit().pendingRequests.get(word(id));
    // It may have been given up: an honest Mac answers late.
    if (!asked) return undefined;
    if (asked.nodeID !== sender) return this.#odd(sender, "an answer to what another one was asked");
    if (stream !== undefined && stream !== false) return this.#odd(sender, "a stream");
    const isDone = success === true;
    // Whoever waits for it is told at once that it cannot be read.
    const isReadable = isPlain(data) || this.#odd(sender, "no plain data");
    return {
      ...{ id, meta: {}, success: isDone, data: isDone && isReadable ? data : null },
      ...(isDone ? {} : { error: errorOf(error) }),
    };
  }

  #odd(sender: string, what: string): undefined {
    this.#told.odd(sender, what);
  }
}

/** Words and type of a refusal; neither class, nor stack, nor data. */
function errorOf(error: unknown): Said {
  const { message, type, code } = Object(error) as Said;
  return {
    ...{ name: "MacError", message: word(message, LONGEST_WORDS) || "The Mac refused it without a word." },
    ...{ type: word(type), code: count(code) || 500, retryable: false },
  };
}

const word = (value: unknown, longest = 100) => (typeof value === "string" ? value.slice(0, longest) : "");
const count = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : 0);
