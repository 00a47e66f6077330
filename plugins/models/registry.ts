// The models there are: which providers are set up, which models users may choose, which one is taken unless said. Opened once
// at the start; used by the agent, the banner and `doctor`.
import type { ModelInfo } from "../../contracts/agent.ts";
import type { ModelProvider } from "../../contracts/models.ts";
import { anthropicProvider } from "./anthropic.ts";
import { demoProvider } from "./demo.ts";
import { listModels, type ServedModel } from "./list-models.ts";
import { openaiProvider } from "./openai.ts";
import { limitsOf, windowOf } from "./prices.ts";
import { providerFault } from "./provider-names.ts";

type Access = { apiKey?: string | undefined; baseUrl?: string | undefined };

export type ModelSettings = {
  openai?: Access;
  anthropic?: Access;
  gemini?: Access;
  /** `provider/model`; the first that can be used unless set. */
  default?: string | undefined;
  /** The `provider/model` that users may choose; whatever the providers offer unless set. */
  models?: string[] | undefined;
  /** The `provider/model` tried when another is down; need not be among those that users may choose. */
  fallback?: string[];
};

export type FoundModel = {
  provider: ModelProvider;
  /** The provider's own name of the model; may have slashes. */
  model: string;
  info: ModelInfo;
};

export type ModelRegistry = {
  /** What users may choose, also what cannot be used now (with the reason). May ask a server once for its list. */
  list(): Promise<ModelInfo[]>;
  /** The id of the model a chat gets that names none. */
  readonly default: string;
  /** The model when users may choose it, usable or not. */
  find(id: string): FoundModel | undefined;
  /** The model when its provider exists, whether or not users may choose it: for fallbacks and running runs. */
  resolve(id: string): FoundModel | undefined;
};

const DEMO = "demo/demo";
const GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta/openai/";
const GEMINI_MODELS = [
  "gemini-3.8-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-2.5-flash",
];

export function openModels(settings: ModelSettings): ModelRegistry {
  return new Registry(settings);
}

class Registry implements ModelRegistry {
  readonly #settings: ModelSettings;
  /** In the order in which a default is looked for. */
  readonly #providers: Map<string, ModelProvider>;
  /** Set when OpenAI-compatible models come from a server that may tell their names. */
  readonly #server: Access | undefined;
  #asking: Promise<void> | undefined;
  #served: ServedModel[] = [];

  constructor(settings: ModelSettings) {
    this.#settings = settings;
    this.#providers = new Map(providers(settings).map((provider) => [provider.name, provider]));
    this.#server = settings.openai?.baseUrl && !settings.models ? values(settings.openai) : undefined;
    // Without a name from the operator only the server knows what its models are called.
    if (this.#server && !settings.default) void this.#askServer();
  }

  async list(): Promise<ModelInfo[]> {
    await this.#askServer();
    return this.#offered().flatMap((id) => this.resolve(id)?.info ?? unknownProvider(id));
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
    return { provider, model, info: this.#info(id, provider) };
  }

  #mayChoose(id: string, { provider, model }: FoundModel): boolean {
    const { models } = this.#settings;
    if (id === this.#settings.default || id === DEMO) return true;
    if (models) return models.includes(id);
    return this.#hasOwnServer(provider) || provider.models.includes(model) || limitsOf(id) !== undefined;
  }

  /** The operator has said where the provider is: what that server calls its models is not for us to know. */
  #hasOwnServer({ name }: ModelProvider): boolean {
    const { openai, anthropic, gemini } = this.#settings;
    const access: Record<string, Access | undefined> = { openai, anthropic, gemini };
    return Boolean(access[name]?.baseUrl);
  }

  /** Ids in the order of preference; the demo is always the last. */
  #offered(): string[] {
    const { models } = this.#settings;
    const own = models ?? [...this.#providers.values()].flatMap((provider) => this.#modelsOf(provider));
    const first = this.#settings.default ? [this.#settings.default] : [];
    return [...new Set([...first, ...own].filter((id) => id !== DEMO)), DEMO];
  }

  #modelsOf({ name, models }: ModelProvider): string[] {
    const names = name === "openai" && this.#served.length > 0 ? this.#served.map(({ id }) => id) : models;
    return names.map((model) => `${name}/${model}`);
  }

  #info(id: string, provider: ModelProvider): ModelInfo {
    const limits = limitsOf(id);
    const isOwnServer = provider.name === "openai" && this.#hasOwnServer(provider);
    return {
      id,
      provider: provider.name,
      available: !provider.unavailable,
      ...(provider.unavailable ? { reason: provider.unavailable } : {}),
      context_window: (isOwnServer && this.#servedWindow(id)) || windowOf(id, isOwnServer),
      price: limits
        ? { input_per_million: limits.input_per_million, output_per_million: limits.output_per_million }
        : null,
    };
  }

  #servedWindow(id: string): number | undefined {
    return this.#served.find((served) => `openai/${served.id}` === id)?.window;
  }

  /** Once; a server that did not answer is asked again at the next list. */
  #askServer(): Promise<void> {
    const baseUrl = this.#server?.baseUrl;
    if (!baseUrl) return Promise.resolve();
    this.#asking ??= listModels(baseUrl, this.#server?.apiKey).then((served) => {
      this.#served = served;
      if (served.length === 0) this.#asking = undefined;
    });
    return this.#asking;
  }
}

function providers({ openai, anthropic, gemini }: ModelSettings): ModelProvider[] {
  return [
    openaiProvider(values(openai)),
    anthropicProvider(values(anthropic)),
    geminiProvider(values(gemini)),
    demoProvider(),
  ];
}

/** Google's models through Google's own OpenAI-compatible endpoint. */
function geminiProvider({ apiKey, baseUrl }: { apiKey?: string; baseUrl?: string }): ModelProvider {
  const provider = openaiProvider({
    name: "gemini",
    models: GEMINI_MODELS,
    baseUrl: baseUrl ? geminiUrl(baseUrl) : GEMINI_URL,
    ...(apiKey ? { apiKey } : {}),
  });
  return apiKey || baseUrl ? provider : { ...provider, unavailable: "set GEMINI_API_KEY" };
}

/** Google's own SDKs take the address without the part that speaks OpenAI's language. */
function geminiUrl(baseUrl: string): string {
  const { hostname, pathname } = new URL(baseUrl);
  if (!hostname.endsWith(".googleapis.com") || pathname.includes("openai")) return baseUrl;
  return GEMINI_URL;
}

/** Pasted keys bring line ends and blanks along. */
function values({ apiKey, baseUrl }: Access = {}): { apiKey?: string; baseUrl?: string } {
  const key = apiKey?.trim();
  return { ...(key ? { apiKey: key } : {}), ...(baseUrl ? { baseUrl } : {}) };
}

function unknownProvider(id: string): ModelInfo {
  const [provider = id] = id.split("/");
  const reason = providerFault(id);
  return {
    id,
    provider,
    available: false,
    ...(reason ? { reason } : {}),
    context_window: windowOf(id, false),
    price: null,
  };
}
