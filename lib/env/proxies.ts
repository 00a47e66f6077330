// Proxies as other programs write them. Used by lib/env.ts.

type Source = Record<string, string | undefined>;

/** Proxies are usually written in small letters; those count first, as with other programs. */
export function withProxies(source: Source): Source {
  const { https_proxy, http_proxy, no_proxy, all_proxy, ALL_PROXY } = source;
  // Often one of SOCKS, which is for other programs.
  const any = [all_proxy, ALL_PROXY].find((proxy) => /^https?:/.test(proxy ?? ""));
  return {
    ...source,
    HTTPS_PROXY: withScheme(https_proxy || source.HTTPS_PROXY || any),
    HTTP_PROXY: withScheme(http_proxy || source.HTTP_PROXY || any),
    NO_PROXY: no_proxy || source.NO_PROXY,
  };
}

/** Many write `proxy.example.com:3128`. */
function withScheme(proxy: string | undefined): string | undefined {
  return proxy?.trim() && !proxy.includes("://") ? `http://${proxy.trim()}` : proxy;
}
