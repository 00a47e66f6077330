// Moleculer's packets over the process's one connection to NATS. It stands on the base class and not on the stock NATS transporter:
// that one makes a connection of its own, is deaf without a word when the server refuses a subscription, and lets the caller of what
// is too large or cannot be sent wait for its time-out.
import { Transporters } from "moleculer";
import type { Subscription } from "nats";
import { toError } from "../../errors.ts";
import { reportDefect } from "../../report-defect.ts";
import type { Nats } from "../nats/open-nats.ts";
import { within } from "../within.ts";
import { Belonging, type MetadataOfBus } from "./belonging.ts";
import { Fetches } from "./fetches.ts";
import { type BusObjects, LARGE_BYTES, LargeParts, MOST_PART_BYTES } from "./large-parts.ts";
import { OpenRequests, refuseUnbegun } from "./open-requests.ts";
import { OwedAnswers } from "./owed-answers.ts";
import { Pace } from "./pace.ts";
import { answerTooLarge, away, requestTooLarge, stoodStill, unanswered } from "./refusals.ts";
import { Standstill } from "./standstill.ts";
import { withoutForeignMeta, withTravellingMeta } from "./travelling-meta.ts";

const { Base } = Transporters;
type Packet = Parameters<InstanceType<typeof Base>["publish"]>[0];
type Init = Parameters<InstanceType<typeof Base>["init"]>;
type Transit = Init[0];

/** How long a start waits until the server has all subscriptions. */
const SUBSCRIBE_MS = 5_000;
/** How long a stop waits until the server has what was said last. */
const FLUSH_MS = 2_000;
/** How long a process that was sent something large may take to answer a ping behind it, until the next is sent all the same. */
const TAKEN_MS = 5_000;
/** Moleculer looks once in each time-out, so that a dead node is known after up to twice of it. */
const LOOK_FOR_DEAD_MS = 1_000;

type Options = {
  nats: Nats;
  own: MetadataOfBus;
  objects?: BusObjects | undefined;
  /** Told when this process can no longer be called, in words: it should be stopped. */
  onDeaf: (problem: Error) => void;
  /** Having stood still for so long, others may have given it up. Milliseconds. */
  givenUpAfterMs: number;
};

export class BusTransporter extends Base {
  readonly #nats: Nats;
  readonly #onDeaf: (problem: Error) => void;
  readonly #owed = new OwedAnswers();
  readonly #open = new OpenRequests();
  readonly #pace = new Pace((target) => this.broker.ping(target, TAKEN_MS));
  /** Answers that have not left this process yet. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #belonging: Belonging;
  readonly #objects: BusObjects | undefined;
  #large: LargeParts | undefined;
  #fetches: Fetches | undefined;
  readonly #startFailed = Promise.withResolvers<never>();
  readonly #subscriptions: Subscription[] = [];
  #refused: Error | undefined;
  #isStarting = true;
  #stopListening: (() => void) | undefined;
  #lookForDead: NodeJS.Timeout | undefined;
  readonly #givenUpAfterMs: number;
  #standstill: Standstill | undefined;

  constructor({ nats, own, objects, onDeaf, givenUpAfterMs }: Options) {
    super({});
    this.#givenUpAfterMs = givenUpAfterMs;
    this.#nats = nats;
    this.#onDeaf = onDeaf;
    this.#objects = objects;
    this.#belonging = new Belonging(own, (words) => this.unfit(words));
    // Nobody waits for it when the start goes well.
    this.#startFailed.promise.catch(() => undefined);
  }

  override init(transit: Transit, hear: Init[1], afterConnect: Init[2]): void {
    // Not before: until it is given to a broker it has no logger.
    this.#standstill = new Standstill({
      limitMs: this.#givenUpAfterMs,
      caughtUp: () => this.#nats.connection.flush(),
      warn: (words) => this.logger.warn(words),
    });
    if (this.#objects) this.#large = new LargeParts(this.#objects, transit.broker.nodeID);
    const fetches = new Fetches({
      large: this.#large,
      refusal: (packet, error) => this.#refusal(packet, error),
      answer: (packet) => this.publish(packet),
      warn: (words) => this.logger.error(words),
    });
    this.#fetches = fetches;
    const checked = (cmd: string, packet: unknown) => {
      const heard = packet as Packet;
      if (!this.#belonging.admits(cmd, heard) || this.#isFromAnother(cmd, heard)) return undefined;
      if (cmd === "REQ" && this.#standstill?.isBehind) return this.#refuseUnheard(heard);
      this.#open.heard(cmd, heard);
      const pass = () => {
        if (cmd === "DISCONNECT") refuseUnbegun(transit, heard);
        return hear(cmd, withoutForeignMeta(cmd, heard) as never);
      };
      if (heard.payload?.object !== undefined)
        return fetches.once(cmd, heard, this.#isAwaited(cmd, heard), pass);
      return cmd === "DISCONNECT" ? fetches.behind(String(heard.payload.sender), pass) : pass();
    };
    super.init(transit, checked as typeof hear, afterConnect);
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

  /** What is for one process has its kind (`api-…`, `node-…`) as a word of its own: a NATS user may hear what is for its kind only. */
  override getTopicName(cmd: string, nodeID?: string): string {
    return super.getTopicName(cmd, nodeID?.replace(/(?<=\w)-(?=\w)/, "."));
  }

  /** Never called: Moleculer's own balancer is on (cluster-broker.ts), which knows which node has a request. */
  override subscribeBalancedRequest(): Promise<void> {
    return Promise.reject(new Error("the bus has no balancer of its own"));
  }

  override subscribeBalancedEvent(): Promise<void> {
    return this.subscribeBalancedRequest();
  }

  /** @throws request_too_large at once; an answer that is too large becomes an error for its caller */
  override async publish(packet: Packet): Promise<void> {
    if (packet.type === "RES") return this.#follow(this.#answer(packet));
    // Whoever hears that we leave waits for no answer of ours any more.
    if (packet.type === "DISCONNECT") {
      await within(FLUSH_MS, Promise.all(this.#underWay), undefined);
      this.#open.leaves(packet);
    }
    const data = this.serialize(packet);
    const fit = data.length > LARGE_BYTES ? await this.#fit(packet, data) : data;
    return this.send(this.getTopicName(packet.type, packet.target ?? undefined), fit, { packet });
  }

  async #answer(packet: Packet): Promise<void> {
    let data = this.serialize(packet);
    if (data.length > LARGE_BYTES)
      data = await this.#fit(packet, data).catch((thrown: unknown) => {
        this.logger.error(`the answer to ${packet.target ?? "somebody"} has ${data.length} bytes`);
        return this.serialize({ ...packet, payload: this.#refusal(packet, toError(thrown)) });
      });
    const target = packet.target ?? "";
    const subject = this.getTopicName(packet.type, target);
    if (await this.#pass(target, subject, data)) this.#open.answered(packet);
    else this.#owed.keep(target, subject, data);
  }

  /** @returns false when NATS is away */
  #pass(target: string, subject: string, data: Buffer): Promise<boolean> {
    const publish = () => this.#publishWithRoom(subject, data);
    return data.length > LARGE_BYTES ? this.#pace.next(target, publish) : publish();
  }

  /** A large packet as it goes over the bus: without its part where the other one can fetch that. @throws what keeps it from going */
  async #fit(packet: Packet, data: Buffer): Promise<Buffer> {
    const { maxPayload } = this.#nats;
    const fits = data.length <= maxPayload;
    const large = this.#readsObjects(packet.target) ? this.#large : undefined;
    const light = await large?.handOver(packet, fits).catch((thrown: unknown) => {
      if (!fits) throw thrown;
    });
    if (light) return this.serialize(light);
    if (fits) return data;
    const most = large ? MOST_PART_BYTES : maxPayload;
    throw packet.type === "RES" ? answerTooLarge(data.length, most) : requestTooLarge(data.length, most);
  }

  #readsObjects(target: string | null | undefined): boolean {
    const other = target ? this.broker.registry.nodes.get(target) : undefined;
    return other?.metadata?.bus?.objects === this.#objects?.place;
  }

  /** @returns false when NATS is away. One that is only behind never comes back, and nothing may be kept for that. */
  async #publishWithRoom(subject: string, data: Buffer): Promise<boolean> {
    while (!this.#nats.publish(subject, data)) if (!(await this.#nats.room())) return false;
    return true;
  }

  async #follow(sent: Promise<void>): Promise<void> {
    this.#underWay.add(sent);
    await sent.finally(() => this.#underWay.delete(sent));
  }

  override serialize(packet: Packet): Buffer {
    return super.serialize(withTravellingMeta(packet));
  }

  /** @throws busy when a request cannot be sent now: it was not begun anywhere */
  override async send(subject: string, data: Buffer, { packet }: { packet: Packet }): Promise<void> {
    if (packet.type === "REQ") {
      if (!(await this.#pass(packet.target ?? "", subject, data))) throw away();
      // Who is there, and who is well, is said again when NATS is back.
    } else this.#nats.publish(subject, data);
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
    this.#standstill?.stop();
    for (const { nodeID } of this.transit.pendingRequests.values())
      this.transit.removePendingRequestByNodeID(nodeID);
  }

  /** Another process has told of itself: it can hear us. Answers of it, and to it, may have been lost if its connection was cut. */
  returned(nodeID: string, wasCut: boolean): void {
    this.#owed.pay(nodeID, this.#give);
    if (wasCut) this.#failUnlimited(nodeID);
  }

  readonly #give = (subject: string, data: Buffer) => this.#nats.publish(subject, data);

  #returned(): void {
    this.#owed.payAll(this.#give);
    // The others learn by it that answers of ours may have been lost.
    (this.broker.metadata.bus as MetadataOfBus).returns += 1;
    this.broker.registry.regenerateLocalRawInfo(true);
    this.onConnected(true).catch(reportDefect);
    this.#failUnlimited();
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

  #isAwaited(cmd: string, { payload }: Packet): boolean {
    return cmd !== "RES" || this.transit.pendingRequests.has(payload.id);
  }

  /** Only the node that was asked answers. */
  #isFromAnother(cmd: string, packet: Packet): boolean {
    if (cmd !== "RES") return false;
    const asked = this.transit.pendingRequests.get(packet.payload?.id);
    return asked !== undefined && asked.nodeID !== packet.payload.sender;
  }

  #refuseUnheard(packet: Packet): Promise<void> {
    const { payload } = packet;
    return this.publish({
      ...{ type: "RES", target: payload.sender, payload: this.#refusal(packet, stoodStill()) },
    } as Packet);
  }

  #refusal({ payload }: Packet, error: Error) {
    const plain = this.broker.errorRegenerator?.extractPlainError(error, payload);
    return { id: payload.id, meta: {}, success: false, data: null, error: plain } as never;
  }

  /** Later than at the start: the rights were changed. The others must not go on asking somebody who cannot hear. */
  #refuse(subject: string, error: Error): void {
    if (this.#refused) return;
    this.#refused = new Error(
      `NATS does not let this process hear ${subject} (${toError(error).message}): it could not be called. Give it the NATS user of what it does, with the rights in deploy/compose/nats/roles.conf.`,
      { cause: error },
    );
    if (this.#isStarting) return;
    this.logger.fatal(this.#refused.message);
    void this.transit.sendDisconnectPacket().then(() => this.#leave());
    this.#onDeaf(this.#refused);
  }

  /** Those without a time-out would wait for ever for an answer that a cut connection has swallowed. @param from one node only */
  #failUnlimited(from?: string): void {
    const { pendingRequests } = this.transit;
    for (const [id, { ctx, reject, nodeID }] of pendingRequests) {
      if ((ctx.options.timeout ?? 0) > 0 || (from !== undefined && nodeID !== from)) continue;
      if (this.#fetches?.has(id)) continue;
      this.transit.removePendingRequest(id);
      reject(unanswered());
    }
  }
}
