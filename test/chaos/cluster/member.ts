// One process of the cluster under chaos: it reaches each server through a proxy of its own, and is started again whenever it ends, as
// a supervisor would.
import { setTimeout as sleep } from "node:timers/promises";
import { startServer, type TestServer } from "../../support/start-server.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

export const SERVERS = ["nats", "postgres", "mongo", "redis"] as const;
export type ServerName = (typeof SERVERS)[number];

export type MemberOptions = {
  name: string;
  services: string;
  home: string;
  log: string;
  env: Record<string, string>;
  /** Told of what whoever reads the report should know. */
  tell: (words: string) => void;
};

const PAUSE_MS = 500;
const LONGEST_START_MS = 30_000;

export class Member {
  readonly name: string;
  readonly home: string;
  readonly proxies: Record<ServerName, TcpProxy>;
  readonly #options: MemberOptions;
  /** When it could not answer because of what was done to it itself, by `performance.now()`. */
  readonly #troubles: { from: number; to: number }[] = [];
  #server: TestServer | undefined;
  #starting: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(options: MemberOptions, proxies: Record<ServerName, TcpProxy>) {
    this.name = options.name;
    this.home = options.home;
    this.#options = options;
    this.proxies = proxies;
  }

  /** @param ports of the servers */
  static async start(options: MemberOptions, ports: Record<ServerName, number>): Promise<Member> {
    const proxies = await Promise.all(
      SERVERS.map(async (name) => [name, await startTcpProxy(ports[name])] as const),
    );
    const member = new Member(options, Object.fromEntries(proxies) as Record<ServerName, TcpProxy>);
    await member.#start();
    return member;
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  /** Of a gateway; the same after each start. */
  get url(): string {
    return `http://127.0.0.1:${this.#options.env.PORT}`;
  }

  /** As others know this life of it, and its runs name their owner; empty while it starts. */
  get nodeId(): string {
    return /"node":"([^"]+)"/.exec(this.#server?.output() ?? "")?.[1] ?? "";
  }

  /** kill -9, and after a while another life. */
  async kill(downMs: number): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await this.#trouble(async () => {
      await server?.kill("SIGKILL");
      await sleep(downMs);
      await this.#start();
    });
  }

  /** As an upgrade does: told to stop, waited for, and started anew. */
  async renew(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await this.#trouble(async () => {
      await server?.kill("SIGTERM");
      await this.#start();
    });
  }

  /** Stands still in the middle of whatever it does. */
  async freeze(forMs: number): Promise<void> {
    const pid = this.#server?.pid ?? 0;
    await this.#trouble(async () => {
      process.kill(pid, "SIGSTOP");
      await sleep(forMs);
      process.kill(pid, "SIGCONT");
    });
  }

  /** Whether something was done to it then, or just before. */
  wasTroubled(from: number, to: number): boolean {
    return this.#troubles.some((trouble) => trouble.from <= to && trouble.to + PAUSE_MS >= from);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.race([this.#starting, sleep(LONGEST_START_MS)]);
    const server = this.#server;
    this.#server = undefined;
    await server?.kill("SIGKILL");
    for (const proxy of Object.values(this.proxies)) proxy.stop();
  }

  async #trouble(work: () => Promise<void>): Promise<void> {
    const trouble = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.#troubles.push(trouble);
    await work().finally(() => {
      trouble.to = performance.now();
    });
  }

  #start(): Promise<void> {
    this.#starting = this.#tryToStart();
    return this.#starting;
  }

  /** Until it runs: a server that it needs may be away. */
  async #tryToStart(): Promise<void> {
    const { name, services, home, log, env, tell } = this.#options;
    while (!this.#isOver) {
      try {
        const server = await startServer({ ...env, ...this.#addresses(), SERVICES: services }, { home, log });
        this.#server = server;
        void server.died().then(() => this.#ended(server));
        return;
      } catch (thrown) {
        tell(`${name} did not start: ${lastLine(String(thrown))}`);
        await sleep(PAUSE_MS);
      }
    }
  }

  async #ended(server: TestServer): Promise<void> {
    if (this.#server !== server) return;
    this.#options.tell(`${this.name} ended by itself: ${lastLine(server.output())}`);
    await this.kill(PAUSE_MS);
  }

  #addresses(): Record<string, string> {
    const { env } = this.#options;
    const { nats, postgres, mongo, redis } = this.proxies;
    return {
      NATS_URL: through(env.NATS_URL, nats),
      POSTGRES_URL: through(env.POSTGRES_URL, postgres),
      // The server tells its own address to whoever asks for the replica set.
      MONGO_URL: through(env.MONGO_URL, mongo).replace(/\?.*/, "?directConnection=true"),
      REDIS_URL: through(env.REDIS_URL, redis),
    };
  }
}

const through = (url = "", { port }: TcpProxy) => url.replace(/:\d+(?=\/|$)/, `:${port}`);

const lastLine = (text: string) => text.trim().split("\n").slice(-3).join(" ").slice(-400);
