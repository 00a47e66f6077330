// The models there are: which providers are set up, which models users may choose, which one is taken unless said, and how their
// servers are. Opened once at the start; used by the agent, the banner and `doctor`.
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { ModelInfo } from "../../contracts/agent.ts";
import type { ProviderState, ServerState } from "../../contracts/answers/models.ts";
import type { Ask, ModelProvider } from "../../contracts/models.ts";
import { costMicro, limitsOf, type Price, windowOf } from "./prices.ts";
import { providerFault } from "./provider-names.ts";
import { faultOf, sentenceOf } from "./servers/look-words.ts";
import { ServerWatch } from "./servers/watch.ts";
import { type ProviderSettings, setUpProviders } from "./set-up-providers.ts";

/** `default`, `models` and `prices` are read anew each time: they may change while the process runs. */
export type ModelSettings = ProviderSettings & {
  /** `provider/model`; the first that can be used unless set. */
  readonly default?: string | undefined;
  /** The `provider/model` that users may choose; whatever the providers offer unless set. */
  readonly models?: string[] | undefined;
  /** By `provider/model`: prices instead of those of the built-in table. */
  readonly prices?: Record<string, Price>;
  /** The `provider/model` tried when another is down; need not be among those that users may choose. */
  fallback?: string[];
  /** Looks at the servers of vendors too, not only at those the operator has given an address of. */
  watchesVendors?: boolean;
};

export type FoundModel = {
  provider: ModelProvider;
  /** The provider's own name of the model; may have slashes. */
  model: string;
  /** What is set up; how the model's server is now is told by `list` only, for a server that was away may be back. */
  info: ModelInfo;
  /** It runs on this machine or in this network: it may have to load before its first byte. */
  isLocal: boolean;
};

export type ModelRegistry = {
  /**
   * What users may choose, also what cannot be used now (with the reason): not set up, or its server does not answer.
   * @param patienceMs how long servers are waited for that have not been looked at lately; all their time (3 s) unless set
   */
  list(patienceMs?: number): Promise<ModelInfo[]>;
  /** What is wrong with the servers now, a sentence for each: also of one whose models nobody knows yet. */
  serverFaults(patienceMs?: number): Promise<string[]>;
  /** The providers, set up or not. */
  providers(): ProviderState[];
  /** What was last seen of each server that is looked at; `list` looks anew where that is too old. */
  servers(): ServerState[];
  /** The id of the model a chat gets that names none. */
  readonly default: string;
  /** The model when users may choose it, usable or not. */
  find(id: string): FoundModel | undefined;
  /** The model when its provider exists, whether or not users may choose it: for fallbacks and running runs. */
  resolve(id: string): FoundModel | undefined;
  /** The price of one model call in whole micro-dollars, rounded up; 0 where the price is not known. */
  costMicro(id: string, input: number, output: number): number;
};

const DEMO = "demo/demo";
/** A model that takes less takes nothing: the number is another one. */
const LEAST_WINDOW = 512;
/** Addresses of this machine and of the network around it. */
const LOCAL =
  /^(localhost|\[::1\]|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|host\.docker\.internal$|[^.]+$|.*\.(local|lan|internal)$)/;

export function openModels(settings: ModelSettings): ModelRegistry {
  return new Registry(settings);
}

class Registry implements ModelRegistry {
  readonly #settings: ModelSettings;
  readonly #providers: Map<string, ModelProvider>;
  readonly #watches: Map<string, ServerWatch>;
  /** Windows that servers have told when they refused a question; names come from clients. */
  readonly #toldWindows = new LRUCache<string, number>({ max: 1_000 });

  constructor(settings: ModelSettings) {
    this.#settings = settings;
    const { transport, all } = setUpProviders(settings, (id, { window }) => {
      if (window !== undefined && window >= LEAST_WINDOW) this.#toldWindows.set(id, window);
    });
    this.#watches = new Map(
      all.flatMap(({ server }) =>
        server && (server.isOwn || settings.watchesVendors)
          ? [[server.provider, new ServerWatch(server, transport)] as const]
          : [],
      ),
    );
    this.#providers = new Map(all.map(({ provider }) => [provider.name, this.#listening(provider)]));
    // Without a name from the operator only a server knows what its models are called; and soon somebody asks how it is.
    for (const watch of this.#watches.values())
      if (settings.watchesVendors || !settings.default) void watch.fresh();
  }

  async list(patienceMs?: number): Promise<ModelInfo[]> {
    await this.#look(patienceMs);
    return this.#offered().flatMap((id) => this.#listed(id));
  }

  async serverFaults(patienceMs?: number): Promise<string[]> {
    await this.#look(patienceMs);
    return [...this.#watches.values()].flatMap(({ last, server }) => {
      const fault = last && faultOf(last, server);
      return fault ? [sentenceOf(fault, server)] : [];
    });
  }

  providers(): ProviderState[] {
    return [...this.#providers.values()].map(({ name, unavailable: reason }) => ({
      name,
      available: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    }));
  }

  servers(): ServerState[] {
    return [...this.#watches.values()].map(({ last, lastAt, server }) => {
      const fault = last && faultOf(last, server);
      return {
        provider: server.provider,
        answers: last ? fault === undefined : null,
        fault: fault ? sentenceOf(fault, server) : null,
        checked_at: lastAt ?? null,
      };
    });
  }

  async #look(patienceMs: number | undefined): Promise<void> {
    const looks = Promise.all([...this.#watches.values()].map((watch) => watch.fresh()));
    await (patienceMs === undefined ? looks : Promise.race([looks, sleep(patienceMs)]));
  }

  get default(): string {
    if (this.#settings.default) return this.#settings.default;
    return this.#offered().find((id) => this.resolve(id)?.info.available) ?? DEMO;
  }

  find(id: string): FoundModel | undefined {
    const found = this.resolve(id);
    return found && this.#mayChoose(id, found) ? found : undefined;
  }

  resolve(id: string): FoundModel | undefined {
    const slash = id.indexOf("/");
    const provider = this.#providers.get(id.slice(0, slash));
    const model = id.slice(slash + 1);
    if (slash < 1 || model === "" || !provider) return undefined;
    if (provider.name === "demo" && id !== DEMO) return undefined;
    const server = this.#watches.get(provider.name)?.server;
    const isLocal = server?.isOwn === true && LOCAL.test(new URL(server.baseUrl).hostname);
    return { provider, model, info: this.#info(id, provider), isLocal };
  }

  costMicro(id: string, input: number, output: number): number {
    return costMicro(id, input, output, this.#ownPrice(id));
  }

  #ownPrice(id: string): Price | undefined {
    const { prices } = this.#settings;
    return prices && Object.hasOwn(prices, id) ? prices[id] : undefined;
  }

  #mayChoose(id: string, { provider, model }: FoundModel): boolean {
    const { models } = this.#settings;
    if (id === this.#settings.default || id === DEMO) return true;
    if (models) return models.includes(id);
    // The operator has said where the server is: what it calls its models is not for us to know.
    const isOwn = this.#watches.get(provider.name)?.server.isOwn === true;
    return isOwn || provider.models.includes(model) || limitsOf(id) !== undefined;
  }

  /** Ids in the order of preference; the demo is always the last. */
  #offered(): string[] {
    const { models } = this.#settings;
    const own = models ?? [...this.#providers.values()].flatMap((provider) => this.#modelsOf(provider));
    const first = this.#settings.default ? [this.#settings.default] : [];
    return [...new Set([...first, ...own].filter((id) => id !== DEMO)), DEMO];
  }

  /** A vendor has many more models than people want to choose from; a server of one's own has what was put there. */
  #modelsOf({ name, models }: ModelProvider): string[] {
    const watch = this.#watches.get(name);
    const served = watch?.server.isOwn && name !== "anthropic" && name !== "gemini" ? watch.models : [];
    const names = served.length > 0 ? served.map(({ id }) => id) : models;
    return names.map((model) => `${name}/${model}`);
  }

  #listed(id: string): ModelInfo {
    const info = this.resolve(id)?.info ?? this.#unknownProvider(id);
    const watch = this.#watches.get(info.provider);
    const fault = watch?.last && info.available ? faultOf(watch.last, watch.server) : undefined;
    return watch && fault ? { ...info, available: false, reason: sentenceOf(fault, watch.server) } : info;
  }

  #info(id: string, provider: ModelProvider): ModelInfo {
    const price = this.#ownPrice(id) ?? limitsOf(id);
    return {
      id,
      provider: provider.name,
      available: !provider.unavailable,
      ...(provider.unavailable ? { reason: provider.unavailable } : {}),
      context_window: this.#windowOf(id, provider),
      price: price
        ? { input_per_million: price.input_per_million, output_per_million: price.output_per_million }
        : null,
    };
  }

  /** What the server says counts before what is known of the model, and what it refused before both. */
  #windowOf(id: string, { name }: ModelProvider): number {
    const watch = this.#watches.get(name);
    const served = watch?.models.find((model) => `${name}/${model.id}` === id)?.window;
    return Math.min(served ?? windowOf(id), this.#toldWindows.get(id) ?? Number.POSITIVE_INFINITY);
  }

  /** The provider, whose answers tell that its server is there. */
  #listening(provider: ModelProvider): ModelProvider {
    const ask: Ask = async (request, onChunk, onActivity) => {
      await provider.ask(request, onChunk, onActivity);
      const watch = this.#watches.get(provider.name);
      if (watch?.last && watch.last.state !== "answers") watch.answered();
    };
    return { ...provider, ask };
  }

  #unknownProvider(id: string): ModelInfo {
    const [provider = id] = id.split("/");
    const reason = providerFault(
      id,
      (this.#settings.servers ?? []).map(({ name }) => name),
    );
    return {
      id,
      provider,
      available: false,
      ...(reason ? { reason } : {}),
      context_window: windowOf(id),
      price: null,
    };
  }
}
