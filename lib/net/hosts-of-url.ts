// Where a tool that opens a URL sends to, for its `egress`.
import { hostOf } from "../../contracts/hosts.ts";

/** The host as `fetchPublic` reads it; none for what that refuses in words without sending anything. */
export function hostsOfUrl(url: string): string[] {
  const host = hostOf(URL.parse(url)?.hostname ?? "");
  return host === undefined ? [] : [host];
}
