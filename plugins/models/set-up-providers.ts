// The providers as the settings set them up, each with the server it asks. Used by the registry, and by `doctor` for the servers.
import type { ModelProvider, ProxySettings } from "../../contracts/models.ts";
import { ANTHROPIC_URL, anthropicProvider } from "./anthropic.ts";
import { demoProvider } from "./demo.ts";
import { credentialOf, OPENAI_URL, type OpenAiSettings, openaiProvider, withoutEndpoint } from "./openai.ts";
import { variablesOf } from "./provider-names.ts";
import type { ModelServer } from "./servers/look.ts";
import { openTransport, type Transport } from "./transport.ts";
import type { ToldTokens } from "./wire/told-facts.ts";

export type Access = { apiKey?: string | undefined; baseUrl?: string | undefined };

/** What the environment says of the providers; one that is not there is not set up. */
export type ProviderSettings = {
  openai?: Access;
  anthropic?: Access;
  gemini?: Access;
  /** More servers that speak OpenAI's language; their names are those of their providers. */
  servers?: ({ name: string } & Access)[];
  proxy?: ProxySettings;
};

/** `server`: only of a provider that is set up and asks one. */
export type SetUp = { provider: ModelProvider; server?: ModelServer };

const GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta/openai/";
const GEMINI_MODELS = [
  "gemini-3.8-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-2.5-flash",
];

/**
 * In the order in which a default is looked for.
 * @param onTold told what a server said of the limits of a model, `provider/model`
 */
export function setUpProviders(
  settings: ProviderSettings,
  onTold: (id: string, tokens: ToldTokens) => void = () => undefined,
): { transport: Transport; all: SetUp[] } {
  const transport = openTransport(settings.proxy);
  const common = (name: string) => ({
    transport,
    onTold: (model: string, tokens: ToldTokens) => onTold(`${name}/${model}`, tokens),
  });
  const openai = values(settings.openai);
  const anthropic = values(settings.anthropic);
  const gemini = values(settings.gemini);
  const all: SetUp[] = [
    {
      provider: openaiProvider({ ...openai, ...common("openai") }),
      ...serverOf("openai", OPENAI_URL, openai),
    },
    {
      provider: anthropicProvider({ ...anthropic, ...common("anthropic") }),
      ...serverOf("anthropic", ANTHROPIC_URL, anthropic),
    },
    {
      provider: geminiProvider(gemini, common("gemini")),
      ...serverOf("gemini", GEMINI_URL, { ...gemini, ...geminiAddress(gemini) }),
    },
    ...(settings.servers ?? []).map(({ name, ...access }) => ({
      provider: openaiProvider({ name, models: [], ...values(access), ...common(name) }),
      ...serverOf(name, OPENAI_URL, values(access)),
    })),
    { provider: demoProvider() },
  ];
  return { transport, all };
}

function serverOf(
  provider: string,
  usualUrl: string,
  { apiKey, baseUrl }: { apiKey?: string; baseUrl?: string },
): { server?: ModelServer } {
  if (!apiKey && !baseUrl) return {};
  const isAnthropic = provider === "anthropic";
  const base = baseUrl ?? usualUrl;
  return {
    server: {
      provider,
      baseUrl: isAnthropic ? `${base.replace(/\/+(v1\/*)?$/, "")}/v1` : base,
      headers: isAnthropic
        ? { "anthropic-version": "2023-06-01", ...(apiKey ? { "x-api-key": apiKey } : {}) }
        : apiKey
          ? credentialOf(base, apiKey)
          : {},
      hasKey: apiKey !== undefined,
      isOwn: baseUrl !== undefined,
    },
  };
}

/** Google's models through Google's own OpenAI-compatible endpoint. */
function geminiProvider(
  access: { apiKey?: string; baseUrl?: string },
  common: Pick<OpenAiSettings, "transport" | "onTold">,
): ModelProvider {
  const provider = openaiProvider({
    name: "gemini",
    models: GEMINI_MODELS,
    ...common,
    ...access,
    baseUrl: geminiAddress(access).baseUrl ?? GEMINI_URL,
  });
  return access.apiKey || access.baseUrl
    ? provider
    : { ...provider, unavailable: `set ${variablesOf("gemini").key}` };
}

/** Google's own SDKs take the address without the part that speaks OpenAI's language. */
function geminiAddress({ baseUrl }: { baseUrl?: string }): { baseUrl?: string } {
  if (!baseUrl) return {};
  const { hostname, pathname } = new URL(baseUrl);
  const isGoogle = hostname.endsWith(".googleapis.com") && !pathname.includes("openai");
  return { baseUrl: isGoogle ? GEMINI_URL : baseUrl };
}

/** Pasted keys bring line ends and blanks along, pasted addresses the path of a request. */
function values({ apiKey, baseUrl }: Access = {}): { apiKey?: string; baseUrl?: string } {
  const key = apiKey?.trim();
  return { ...(key ? { apiKey: key } : {}), ...(baseUrl ? { baseUrl: withoutEndpoint(baseUrl) } : {}) };
}
