import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { clientAddress, trustedProxies } from "../../../../services/api/authenticate.ts";

function addressOf(peer: string, forwarded: string | undefined, trusted: string[]): string {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return clientAddress(
    { socket: { remoteAddress: peer }, headers } as IncomingMessage,
    trustedProxies(trusted),
  );
}

describe("the address of a client", () => {
  test.each([
    [
      "is the peer's, whatever it says, when the peer is no proxy of ours",
      "9.9.9.9",
      "1.2.3.4",
      ["10.0.0.0/8"],
      "9.9.9.9",
    ],
    ["is the one before our proxy", "10.0.0.1", "1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"],
    [
      "is read from the right: what stands before it the client wrote",
      "10.0.0.1",
      "6.6.6.6, 1.2.3.4",
      ["10.0.0.0/8"],
      "1.2.3.4",
    ],
    [
      "is behind several proxies of ours",
      "10.0.0.1",
      "6.6.6.6, 1.2.3.4, 10.0.0.2",
      ["10.0.0.0/8"],
      "1.2.3.4",
    ],
    ["is the proxy's own when nothing is said", "10.0.0.1", undefined, ["10.0.0.0/8"], "10.0.0.1"],
    ["is the last one that makes sense", "10.0.0.1", "1.2.3.4, nonsense", ["10.0.0.0/8"], "10.0.0.1"],
    ["may come with a port", "10.0.0.1", "1.2.3.4:5678", ["10.0.0.1"], "1.2.3.4"],
    [
      "may be IPv6 with a port, and counts as its /64",
      "10.0.0.1",
      "[2001:db8:1:2:3::4]:5678",
      ["10.0.0.1"],
      "2001:db8:1:2::",
    ],
    ["is trusted by its exact IPv6 address", "::1", "1.2.3.4", ["::1"], "1.2.3.4"],
    ["is one for IPv4 and IPv4 within IPv6", "::ffff:10.0.0.1", "::ffff:1.2.3.4", ["10.0.0.1"], "1.2.3.4"],
  ])("%s", (_name, peer, forwarded, trusted, wanted) => {
    expect(addressOf(peer, forwarded, trusted)).toBe(wanted);
  });

  test("a proxy that is no address is refused at the start, by name", () => {
    expect(() => trustedProxies(["proxy.local"])).toThrow(/TRUSTED_PROXIES.*proxy\.local/);
  });
});
