// What a hub believes of a Mac, and nothing else: a Mac is an untrusted machine with valid credentials. Each packet that Moleculer is
// given is made here anew, of the few fields that are needed (docs/decisions/2026-11-30-macs.md, guarantee G22).
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

export type Told = {
  /** A Mac's process has told of itself. Whether it is the one that we deal with: what another one says is dropped. */
  accepts(nodeId: string, instance: string): boolean;
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

  hears(sender: string, bytes: number): boolean {
    return this.#flood.takes(sender, bytes);
  }

  admit(command: string, sender: string, said: Said): Said | undefined {
    if (said.sender !== undefined && said.sender !== sender) return this.#odd(sender, "another sender");
    if (!isPlain(said)) return this.#odd(sender, "no plain data");
    switch (command) {
      case "INFO":
        return this.#info(sender, said);
      case "HEARTBEAT":
        return this.#heartbeat(sender, said);
      case "RES":
        return this.#answer(sender, said);
      case "PONG":
        return { id: word(said.id), time: count(said.time), arrived: count(said.arrived) };
      case "DISCONNECT":
        return {};
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

  #info(sender: string, { instanceID, seq }: Said): Said | undefined {
    const instance = word(instanceID);
    if (instance === "" || !this.#told.accepts(sender, instance)) return undefined;
    return {
      ...{ services: [SERVICE], ipList: [], hostname: "", client: {}, config: {}, metadata: {} },
      ...{ instanceID: instance, seq: count(seq) },
    };
  }

  #heartbeat(sender: string, { instanceID, seq, cpu }: Said): Said | undefined {
    const instance = word(instanceID);
    if (instance !== "" && !this.#told.accepts(sender, instance)) return undefined;
    return { cpu: typeof cpu === "number" ? cpu : null, seq: count(seq), instanceID: instance || undefined };
  }

  /** Only the Mac that was asked answers, and its answer changes nothing of who asked. */
  #answer(sender: string, { id, success, data, error, stream }: Said): Said | undefined {
    const asked = this.#transit().pendingRequests.get(String(id));
    // It may have been given up: an honest Mac answers late.
    if (!asked) return undefined;
    if (asked.nodeID !== sender) return this.#odd(sender, "an answer to what another one was asked");
    if (stream !== undefined && stream !== false) return this.#odd(sender, "a stream");
    const isDone = success === true;
    return {
      ...{ id, meta: {}, success: isDone, data: isDone ? data : null },
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
