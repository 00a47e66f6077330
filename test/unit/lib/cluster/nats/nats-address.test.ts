// Addresses of the web: for who asks for them, and in plain text to this machine only.
import { describe, expect, test } from "@jest/globals";
import { targetOf } from "../../../../../lib/cluster/nats/nats-address.ts";

const web = (url: string) => targetOf({ url, variable: "EDGE", mayBeWeb: true });

describe("wss:// addresses", () => {
  test("are kept whole, with the path that a proxy knows them by, and no TLS of the library's own", () => {
    expect(web("wss://edge.example.com/edge, wss://10.0.0.2:8443")).toEqual({
      servers: ["wss://edge.example.com/edge", "wss://10.0.0.2:8443/"],
      wsFactory: expect.any(Function),
      ignoreClusterUpdates: true,
    });
    expect(web("ws://127.0.0.1:4224").servers).toEqual(["ws://127.0.0.1:4224/"]);
  });

  test.each([
    ["ws://edge.example.com", /would be reached in plain text.*wss:\/\/edge\.example\.com/],
    ["wss://a.example,ws://b.example", /b\.example would be reached in plain text/],
    ["wss://a.example,tls://b.example", /begins with tls:\/\/ and must begin with ws:\/\/ or wss:\/\//],
    ["tls://b.example,wss://a.example", /begins with wss:\/\/ and must begin with nats:\/\/ or tls:\/\//],
  ])("%s is refused in words", (url, words) => {
    expect(() => web(url)).toThrow(words);
  });

  test("are none for who does not ask for them", () => {
    expect(() => targetOf({ url: "wss://edge.example.com" })).toThrow(
      /must begin with nats:\/\/ or tls:\/\//,
    );
  });
});
