// Which providers there are, and what is said of a model whose provider is none of them.

const PROVIDERS = ["openai", "anthropic", "gemini", "demo"];

/** Why a `provider/model` can be no model; undefined when its provider exists. */
export function providerFault(id: string): string | undefined {
  const provider = id.split("/")[0] ?? id;
  if (PROVIDERS.includes(provider)) return undefined;
  return `there is no provider "${provider}": use ${PROVIDERS.slice(0, -1).join(", ")} or ${PROVIDERS.at(-1)}`;
}

/** What of the operator's lists names no provider, in words with the name of the variable. */
export function listFaults(lists: { MODELS?: string[] | undefined; FALLBACK_MODELS: string[] }): string[] {
  return (["MODELS", "FALLBACK_MODELS"] as const).flatMap((variable) =>
    (lists[variable] ?? []).flatMap((id) => {
      const fault = providerFault(id);
      return fault ? [`${variable} names ${id}, and ${fault}`] : [];
    }),
  );
}
