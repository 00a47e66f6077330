// Name servers from what macOS prints for `scutil --dns`. Pure; run by dns.ts. Order and words of the lines are those of
// configd's dnsinfo_internal.h, which prints them.
import type { Dns, Resolver } from "./resolver.ts";

const MOST_RESOLVERS = 100;

/**
 * Resolvers without an address (multicast names, `.local`) are left out, and so are those for single services. Of a scoped
 * one that says the same as one for all, only the latter is told.
 */
export function parseScutilDns(text: string): Dns {
  const search: string[] = [];
  const found: Resolver[] = [];
  for (const section of text.split(/^(?=DNS configuration)/m)) {
    if (section.includes("for service-specific queries")) continue;
    const isScoped = section.includes("for scoped queries");
    for (const block of section.split(/^resolver #\d+\s*$/m).slice(1)) {
      const values = (name: string) =>
        [...block.matchAll(new RegExp(`^\\s*${name}(?:\\[\\d+\\])?\\s*:\\s*(\\S+)`, "gm"))].map(
          ([, value = ""]) => value,
        );
      search.push(...values("search domain"));
      const [servers, [domain]] = [values("nameserver"), values("domain")];
      const [, inBrackets] = /^\s*if_index\s*:\s*\d+ \((\S+)\)/m.exec(block) ?? [];
      if (servers.length > 0)
        found.push({ servers, domain: domain ?? null, interface: isScoped ? (inBrackets ?? null) : null });
    }
  }
  const forAll = new Set(found.filter((each) => each.interface === null).map(keyOf));
  const resolvers = found.filter((each) => each.interface === null || !forAll.has(keyOf(each)));
  return { resolvers: resolvers.slice(0, MOST_RESOLVERS), search_domains: [...new Set(search)] };
}

const keyOf = ({ servers, domain }: Resolver) => `${domain} ${servers.join()}`;
