// Moleculer's packets on the edge bus, for either side. Who sent one stands in its subject, where NATS has checked it; a guard sees each
// packet before Moleculer does and says what of it is believed. It stands on the base class for the reasons of lib/cluster/bus.
import { Transporters } from "moleculer";
import type { Subscription } from "nats";
import type { Nats } from "../../cluster/nats/open-nats.ts";
import { within } from "../../cluster/within.ts";
import { toError } from "../../errors.ts";
import { reportDefect } from "../../report-defect.ts";
import { readObject } from "./plain.ts";
import type { Command, Side } from "./subjects.ts";

const { Base } = Transporters;
export type Packet = Parameters<InstanceType<typeof Base>["publish"]>[0];
type Init = Parameters<InstanceType<typeof Base>["init"]>;
export type Transit = Init[0];
/** What a packet says; nothing of it is believed yet. */
export type Said = Record<string, unknown>;

/** What one side believes of the other. */
export interface Guard {
  /** Asked before anything is read: who says too much is not listened to. */
  hears?(command: string, sender: string, bytes: number): boolean;
  /** What was said is no JSON object that can be read. */
  unreadable?(sender: string): undefined;
  /**
   * The payload that Moleculer is given, made of what is believed; undefined when the packet is dropped.
   * @param sender as NATS has checked it
   */
  admit(command: string, sender: string, said: Said): Said | undefined;
}

const SUBSCRIBE_MS = 5_000;
const FLUSH_MS = 2_000;
/** Moleculer looks once in each time-out, so that a dead node is known after up to twice of it. */
const LOOK_FOR_DEAD_MS = 1_000;

type Options = {
  nats: Nats;
  side: Side;
  guard: Guard;
  /** What a heartbeat says besides. */
  pulse?: () => Said;
  /** What is said besides wherever this process tells that it is there. */
  itself?: () => Said;
  /** Told when NATS refuses what this side has to hear: it cannot go on. */
  onDeaf: (problem: Error) => void;
};

export class EdgeTransporter extends Base {
  readonly #options: Options;
  readonly #subscriptions: Subscription[] = [];
  #refused: Error | undefined;
  #isStarting = true;
  #stopListening: (() => void) | undefined;
  #lookForDead: NodeJS.Timeout | undefined;
  readonly #startFailed = Promise.withResolvers<never>();
  #pass: (command: string, packet: Packet) => unknown = () => undefined;

  constructor(options: Options) {
    super({});
    this.#options = options;
  }

  override init(...[transit, hear, afterConnect]: Init): void {
    super.init(transit, hear, afterConnect);
    this.#pass = (command, packet) => hear(command, packet as never);
    // Moleculer would try again for ever and the start never come to an end.
    const connect = transit.connect.bind(transit);
    transit.connect = () => Promise.race([connect(), this.#startFailed.promise]);
  }

  /** The connection stands already; what is made here are the subscriptions. */
  override async connect(): Promise<void> {
    // Nobody waits for it when the start goes well.
    this.#startFailed.promise.catch(() => undefined);
    try {
      this.#stopListening = this.#options.nats.onReturn(() => {
        this.onConnected(true).catch(reportDefect);
      });
      await this.onConnected();
      this.#isStarting = false;
      this.#lookForDead = setInterval(
        () => this.broker.registry.discoverer.checkRemoteNodes(),
        LOOK_FOR_DEAD_MS,
      ).unref();
    } catch (thrown) {
      this.#startFailed.reject(thrown);
      throw thrown;
    }
  }

  override async makeSubscriptions(): Promise<void> {
    const { nats, side } = this.#options;
    for (const subject of side.hears)
      this.#subscriptions.push(
        nats.connection.subscribe(subject, {
          callback: (error, { subject: from, data }) =>
            error ? this.#refuse(subject, error) : this.#hear(from, data),
        }),
      );
    await nats.settled(SUBSCRIBE_MS);
    if (this.#refused) throw this.#refused;
  }

  /** Never called: all that is for us is subscribed to at once. */
  override subscribe(): Promise<void> {
    return Promise.reject(new Error("the edge bus has no subscriptions of single commands"));
  }

  override subscribeBalancedRequest(): Promise<void> {
    return this.subscribe();
  }

  override subscribeBalancedEvent(): Promise<void> {
    return this.subscribe();
  }

  /** Something that is none of Moleculer's packets; lost while NATS is away. */
  tell(command: Command, target: string, data: unknown): void {
    const { nats, side } = this.#options;
    nats.publish(side.subjectOf(command, target), JSON.stringify(data));
  }

  override async publish(packet: Packet): Promise<void> {
    // Whoever hears of it sends it calls, and what is to run them may still be starting, or be gone.
    if ((packet.type === "INFO" || packet.type === "HEARTBEAT") && !this.broker.started) return;
    // Which process it is: there may be another one with the same key.
    if (packet.type === "HEARTBEAT" || packet.type === "DISCONNECT")
      Object.assign(packet.payload, { instanceID: this.broker.instanceID });
    if (packet.type === "HEARTBEAT") Object.assign(packet.payload, this.#options.pulse?.());
    if (packet.type === "HEARTBEAT" || packet.type === "INFO")
      Object.assign(packet.payload, this.#options.itself?.());
    await this.send(this.#options.side.subjectOf(packet.type, packet.target), this.serialize(packet));
  }

  /** What is said while NATS is away is lost: who waits for an answer asks again. @throws Error when it is more than the bus takes */
  override async send(subject: string, data: Buffer): Promise<void> {
    const { nats } = this.#options;
    if (data.length > nats.maxPayload)
      throw new Error(`${data.length} bytes are more than the edge bus takes`);
    nats.publish(subject, data);
  }

  override async disconnect(): Promise<void> {
    const { nats } = this.#options;
    this.connected = false;
    this.#stopListening?.();
    clearInterval(this.#lookForDead);
    if (nats.isThere) await within(FLUSH_MS, nats.connection.flush(), undefined).catch(() => undefined);
    for (const subscription of this.#subscriptions.splice(0))
      if (!subscription.isClosed()) subscription.unsubscribe();
  }

  #hear(subject: string, data: Uint8Array): void {
    const { side, guard } = this.#options;
    const from = side.read(subject);
    if (!from || guard.hears?.(from.command, from.sender, data.length) === false) return;
    try {
      const said = readObject(data);
      const payload = said ? guard.admit(from.command, from.sender, said) : guard.unreadable?.(from.sender);
      if (!payload) return;
      const { PROTOCOL_VERSION: ver } = this.broker;
      const packet = { payload: { ...payload, ver, sender: from.sender } } as unknown as Packet;
      Promise.resolve(this.#pass(from.command, packet)).catch(reportDefect);
    } catch (thrown) {
      this.logger.debug(`what ${from.sender} says cannot be read: ${toError(thrown).message}`);
    }
  }

  #refuse(subject: string, error: Error): void {
    if (this.#refused) return;
    this.#refused = new Error(`NATS does not let us hear ${subject}: ${error.message}`, { cause: error });
    if (this.#isStarting) return;
    this.#options.onDeaf(this.#refused);
  }
}
