// Which providers there are, which variables set them up, and what is said of a model whose provider is none of them.

const BUILT_IN = ["openai", "anthropic", "gemini"];
const DEMO = "demo";

/** The variables that a provider's messages name. */
export type Variables = { key: string; url: string };

/** @param provider its name: of a server with a name of its own the variables end with it */
export function variablesOf(provider: string): Variables {
  const name = provider.toUpperCase();
  return BUILT_IN.includes(provider)
    ? { key: `${name}_API_KEY`, url: `${name}_BASE_URL` }
    : { key: `OPENAI_API_KEY_${name}`, url: `OPENAI_BASE_URL_${name}` };
}

/**
 * Why a `provider/model` can be no model; undefined when its provider exists.
 * @param servers names of the OpenAI-compatible servers that have one (`OPENAI_BASE_URL_<NAME>`)
 */
export function providerFault(id: string, servers: string[] = []): string | undefined {
  const provider = id.split("/")[0] ?? id;
  const known = [...BUILT_IN, ...servers];
  if (provider === DEMO || known.includes(provider)) return undefined;
  const own = /^[a-z][a-z0-9_]*$/.test(provider)
    ? `, or set ${variablesOf(provider).url} to the OpenAI-compatible server of that name`
    : "";
  return `there is no provider "${provider}": use ${known.join(", ")} or ${DEMO}${own}`;
}

type Lists = {
  MODELS?: string[] | undefined;
  FALLBACK_MODELS: string[];
  OPENAI_SERVERS?: { name: string }[];
};

/** What of the operator's lists names no provider, in words with the name of the variable. */
export function listFaults(lists: Lists): string[] {
  const servers = (lists.OPENAI_SERVERS ?? []).map(({ name }) => name);
  return (["MODELS", "FALLBACK_MODELS"] as const).flatMap((variable) =>
    (lists[variable] ?? []).flatMap((id) => {
      const fault = providerFault(id, servers);
      return fault ? [`${variable} names ${id}, and ${fault}`] : [];
    }),
  );
}
