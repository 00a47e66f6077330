// A name server as dns_info shows it; used by dns.ts and the reader of macOS.

export type Resolver = {
  /** Addresses, in the order in which they are asked. */
  servers: string[];
  /** Only names below it are asked here; null for all. */
  domain: string | null;
  /** Only what is sent through this interface; null for all. */
  interface: string | null;
};
export type Dns = { resolvers: Resolver[]; search_domains: string[] };
