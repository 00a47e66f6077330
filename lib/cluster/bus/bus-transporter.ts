// Moleculer's packets over the process's one connection to NATS. It stands on the base class and not on the stock NATS transporter:
// that one makes a connection of its own, is deaf without a word when the server refuses a subscription, and lets the caller of what
// is too large or cannot be sent wait for its time-out.
import { Transporters } from "moleculer";
import type { Subscription } from "nats";
import { type AppError, toError } from "../../errors.ts";
import { reportDefect } from "../../report-defect.ts";
import type { Nats } from "../nats/open-nats.ts";
import { within } from "../within.ts";
import { Belonging, type MetadataOfBus } from "./belonging.ts";
import { OpenRequests, refuseUnbegun } from "./open-requests.ts";
import { OwedAnswers } from "./owed-answers.ts";
import { answerTooLarge, away, requestTooLarge, unanswered } from "./refusals.ts";
import { withoutForeignMeta, withTravellingMeta } from "./travelling-meta.ts";

const { Base } = Transporters;
type Packet = Parameters<InstanceType<typeof Base>["publish"]>[0];
type Init = Parameters<InstanceType<typeof Base>["init"]>;
type Transit = Init[0];

/** How long a start waits until the server has all subscriptions. */
const SUBSCRIBE_MS = 5_000;
/** How long a stop waits until the server has what was said last. */
const FLUSH_MS = 2_000;
/** Moleculer looks once in each time-out, so that a dead node is known after up to twice of it. */
const LOOK_FOR_DEAD_MS = 1_000;

type Options = {
  nats: Nats;
  own: MetadataOfBus;
  /** Told when this process can no longer be called, in words: it should be stopped. */
  onDeaf: (problem: Error) => void;
};

export class BusTransporter extends Base {
  readonly #nats: Nats;
  readonly #onDeaf: (problem: Error) => void;
  readonly #owed = new OwedAnswers();
  readonly #open = new OpenRequests();
  readonly #belonging: Belonging;
  readonly #startFailed = Promise.withResolvers<never>();
  readonly #subscriptions: Subscription[] = [];
  #refused: Error | undefined;
  #isStarting = true;
  #stopListening: (() => void) | undefined;
  #lookForDead: NodeJS.Timeout | undefined;

  constructor({ nats, own, onDeaf }: Options) {
    super({});
    this.#nats = nats;
    this.#onDeaf = onDeaf;
    this.#belonging = new Belonging(own, (words) => this.unfit(words));
    // Nobody waits for it when the start goes well.
    this.#startFailed.promise.catch(() => undefined);
  }

  override init(transit: Transit, hear: Init[1], afterConnect: Init[2]): void {
    const checked = (cmd: string, packet: unknown) => {
      const heard = packet as Packet;
      if (!this.#belonging.admits(cmd, heard) || this.#isFromAnother(cmd, heard)) return undefined;
      this.#open.heard(cmd, heard);
      if (cmd === "DISCONNECT") refuseUnbegun(transit, heard);
      return hear(cmd, withoutForeignMeta(cmd, heard) as never);
    };
    super.init(transit, checked, afterConnect);
    // Moleculer would try again for ever and the start never come to an end.
    const connect = transit.connect.bind(transit);
    transit.connect = () => Promise.race([connect(), this.#startFailed.promise]);
  }

  /** Somebody is on the bus with whom this process cannot work: it does not start; later, it is only said. */
  unfit(words: string): void {
    if (this.#isStarting) this.#startFailed.reject(new Error(words));
    else this.logger.error(words);
  }

  /** The connection stands already; what is made here are the subscriptions. */
  override async connect(): Promise<void> {
    try {
      this.#stopListening = this.#nats.onReturn(() => this.#returned());
      await this.onConnected();
      this.#isStarting = false;
      this.#lookForDead = setInterval(() => this.#look(), LOOK_FOR_DEAD_MS);
      this.#lookForDead.unref();
    } catch (thrown) {
      this.#startFailed.reject(thrown);
      throw thrown;
    }
  }

  override async makeSubscriptions(topics: { cmd: string; nodeID?: string }[]): Promise<void> {
    for (const { cmd, nodeID } of topics) await this.subscribe(cmd, nodeID);
    await this.#nats.settled(SUBSCRIBE_MS);
    if (this.#refused) throw this.#refused;
  }

  override async subscribe(cmd: string, nodeID?: string): Promise<void> {
    const subject = this.getTopicName(cmd, nodeID);
    const callback = (error: Error | null, { data }: { data: Uint8Array }) =>
      error ? this.#refuse(subject, error) : this.#hear(cmd, data);
    this.#subscriptions.push(this.#nats.connection.subscribe(subject, { callback }));
  }

  /** Never called: Moleculer's own balancer is on (cluster-broker.ts), which knows which node has a request. */
  override subscribeBalancedRequest(): Promise<void> {
    return Promise.reject(new Error("the bus has no balancer of its own"));
  }

  override subscribeBalancedEvent(): Promise<void> {
    return this.subscribeBalancedRequest();
  }

  /** @throws request_too_large at once; an answer that is too large becomes an error for its caller */
  override publish(packet: Packet): Promise<void> {
    this.#open.said(packet, !this.#owed.isEmpty);
    const subject = this.getTopicName(packet.type, packet.target ?? undefined);
    let data = this.serialize(packet);
    if (data.length > this.#nats.maxPayload) {
      if (packet.type !== "RES") return Promise.reject(requestTooLarge(data.length, this.#nats.maxPayload));
      const error = answerTooLarge(data.length, this.#nats.maxPayload);
      this.logger.error(`the answer to ${packet.target ?? "somebody"} has ${data.length} bytes`);
      packet.payload = this.#refusal(packet, error);
      data = this.serialize(packet);
    }
    return this.send(subject, data, { packet });
  }

  override serialize(packet: Packet): Buffer {
    return super.serialize(withTravellingMeta(packet));
  }

  /** @throws busy when a request cannot be sent now: it was not begun anywhere */
  override async send(subject: string, data: Buffer, { packet }: { packet: Packet }): Promise<void> {
    if (this.#nats.publish(subject, data)) return;
    if (packet.type === "RES") this.#owed.keep(packet.target ?? "", subject, data);
    // Who is there, and who is well, is said again when NATS is back.
    if (packet.type === "REQ") throw away();
  }

  override async disconnect(): Promise<void> {
    this.#leave();
    if (this.#nats.isThere)
      await within(FLUSH_MS, this.#nats.connection.flush(), undefined).catch(() => undefined);
    for (const subscription of this.#subscriptions.splice(0))
      if (!subscription.isClosed()) subscription.unsubscribe();
  }

  /** Whoever still waits for an answer is told that none comes. */
  #leave(): void {
    this.connected = false;
    this.#stopListening?.();
    clearInterval(this.#lookForDead);
    for (const { nodeID } of this.transit.pendingRequests.values())
      this.transit.removePendingRequestByNodeID(nodeID);
  }

  /** Another process has told of itself: it can hear us. Answers of it, and to it, may have been lost if its connection was cut. */
  returned(nodeID: string, wasCut: boolean): void {
    this.#owed.pay(nodeID, this.#give);
    if (wasCut) failUnlimited(this.transit, nodeID);
  }

  readonly #give = (subject: string, data: Buffer) => this.#nats.publish(subject, data);

  #returned(): void {
    this.#owed.payAll(this.#give);
    // The others learn by it that answers of ours may have been lost.
    (this.broker.metadata.bus as MetadataOfBus).returns += 1;
    this.broker.registry.regenerateLocalRawInfo(true);
    this.onConnected(true).catch(reportDefect);
    failUnlimited(this.transit);
  }

  #look(): void {
    this.broker.registry.discoverer.checkRemoteNodes();
    this.#owed.forgetOld();
  }

  #hear(cmd: string, data: Uint8Array): void {
    try {
      const said = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      Promise.resolve(this.receive(cmd, said)).catch(reportDefect);
    } catch (thrown) {
      reportDefect(thrown);
    }
  }

  /** Only the node that was asked answers. */
  #isFromAnother(cmd: string, packet: Packet): boolean {
    if (cmd !== "RES") return false;
    const asked = this.transit.pendingRequests.get(packet.payload?.id);
    return asked !== undefined && asked.nodeID !== packet.payload.sender;
  }

  #refusal({ payload }: Packet, error: AppError) {
    const plain = this.broker.errorRegenerator?.extractPlainError(error, payload);
    return { id: payload.id, meta: {}, success: false, data: null, error: plain } as never;
  }

  /** Later than at the start: the rights were changed. The others must not go on asking somebody who cannot hear. */
  #refuse(subject: string, error: Error): void {
    if (this.#refused) return;
    this.#refused = new Error(
      `NATS does not let this process hear ${subject} (${toError(error).message}): it could not be called. Give its user the right to subscribe to ${this.prefix}.> in the configuration of nats-server.`,
      { cause: error },
    );
    if (this.#isStarting) return;
    this.logger.fatal(this.#refused.message);
    void this.transit.sendDisconnectPacket().then(() => this.#leave());
    this.#onDeaf(this.#refused);
  }
}

/** Those without a time-out would wait for ever for an answer that a cut connection has swallowed. @param nodeID of one node only */
function failUnlimited(transit: Transit, nodeID?: string): void {
  for (const [id, { ctx, reject, nodeID: asked }] of transit.pendingRequests) {
    if ((ctx.options.timeout ?? 0) > 0 || (nodeID !== undefined && nodeID !== asked)) continue;
    transit.removePendingRequest(id);
    reject(unanswered());
  }
}
