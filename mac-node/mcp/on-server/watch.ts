// Whether a machine of the core has MCP servers to host: it looks at `mcp.json` and asks what admins have added. All that hosts them is loaded
// when there is one.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { ParamsOf } from "../../../contracts/actions.ts";
import type { HostedMcp } from "../../../contracts/mcp.ts";
import type { Tool } from "../../../contracts/tools.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { servicesThere } from "../../../lib/broker/services-there.ts";
import type { McpGround, McpHosting } from "../spec.ts";
import type { ServerHost } from "./server-host.ts";

export type ServerMcpSettings = {
  /** `$MACJARVIS_HOME/mcp.json`; need not be there. */
  file: string;
  /** Of the environment. */
  variable(name: string): string | undefined;
  /** Whether the value of this variable may be seen by everybody. */
  isHarmless(name: string): boolean;
};

/** How often it is looked whether the file is there; one that is there is looked at twice a second. */
const LOOK_MS = 2_000;
/** What admins have changed machines are told at once; one that was not reached asks. */
const ASK_MS = 60_000;
const ASK_AGAIN_MS = 5_000;
/** A server that has listed its tools waits so long for somebody who can judge them. */
const JUDGE_MS = 20_000;

export function serverMcp(
  settings: ServerMcpSettings,
): (ground: McpGround, broker: ServiceBroker) => McpHosting {
  return (ground, broker) => new McpWatch(settings, ground, broker);
}

class McpWatch implements McpHosting {
  readonly #settings: ServerMcpSettings;
  readonly #ground: McpGround;
  readonly #broker: ServiceBroker;
  readonly #stopper = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #host: Promise<ServerHost> | undefined;
  #opened: ServerHost | undefined;

  constructor(settings: ServerMcpSettings, ground: McpGround, broker: ServiceBroker) {
    this.#settings = settings;
    this.#ground = ground;
    this.#broker = broker;
    this.#timer = setInterval(() => this.#lookAtFile(), LOOK_MS).unref();
    this.#lookAtFile();
    void this.#keepAsking();
  }

  tools(): Tool[] {
    return this.#opened?.tools() ?? [];
  }

  problems(): { file: string; problem: string }[] {
    return this.#opened?.problems() ?? [];
  }

  /** @throws what the bus says where nobody tells what admins have added */
  async view(look: boolean): Promise<HostedMcp> {
    this.#lookAtFile();
    if (look) await this.#ask();
    return (await this.#host)?.view() ?? { servers: [], faults: [] };
  }

  async stop(): Promise<void> {
    this.#stopper.abort();
    clearInterval(this.#timer);
    await (await this.#host)?.stop();
  }

  #lookAtFile(): void {
    if (!this.#host && existsSync(this.#settings.file)) void this.#open();
  }

  async #keepAsking(): Promise<void> {
    const { signal } = this.#stopper;
    await servicesThere(this.#broker, ["mcp"]);
    while (!signal.aborted) {
      const waitMs = await this.#ask().then(
        () => ASK_MS,
        () => ASK_AGAIN_MS,
      );
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #ask(): Promise<void> {
    const { servers } = await callAs(this.#broker, "node", SYSTEM, "mcp.added", {});
    if (this.#stopper.signal.aborted || (servers.length === 0 && !this.#host)) return;
    const host = await this.#open();
    host.setAdded(servers);
    await host.judgeAgain();
  }

  #open(): Promise<ServerHost> {
    this.#host ??= this.#load();
    return this.#host;
  }

  async #load(): Promise<ServerHost> {
    const [{ ServerHost }, { readMcpFile }, { LiveFile }] = await Promise.all([
      import("./server-host.ts"),
      import("./read-mcp-file.ts"),
      import("../../policy/live-file.ts"),
    ]);
    const { file: path, ...settings } = this.#settings;
    const { changed, warn } = this.#ground;
    const told = (faults: string[]) => {
      for (const fault of faults) warn(new Error(fault), "mcp.json has a fault");
    };
    const file = new LiveFile(path, readMcpFile, ({ faults }) => {
      told(faults);
      changed();
    });
    told(file.now().faults);
    const host = new ServerHost({
      ...this.#ground,
      ...settings,
      file: () => file.now(),
      judge: (asked) => this.#judge(asked),
    });
    this.#opened = host;
    if (this.#stopper.signal.aborted) await host.stop();
    else changed();
    return host;
  }

  async #judge(asked: ParamsOf<"mcp.judge">): Promise<string[]> {
    await Promise.race([servicesThere(this.#broker, ["mcp"]), sleep(JUDGE_MS, undefined, { ref: false })]);
    return (await callAs(this.#broker, "node", SYSTEM, "mcp.judge", asked)).accepted;
  }
}
