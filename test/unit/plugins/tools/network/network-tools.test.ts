// The network tools on this machine. What check_website_status sees of a real site is tested in lib/net, on loopback.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import checkWebsiteStatus from "../../../../../plugins/tools/network/check-website-status.ts";
import dnsInfo from "../../../../../plugins/tools/network/dns-info.ts";
import networkInfo from "../../../../../plugins/tools/network/network-info.ts";
import openPorts from "../../../../../plugins/tools/network/open-ports.ts";
import wifiInfo from "../../../../../plugins/tools/network/wifi-info.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

describe("network_info", () => {
  test("lists the interfaces of this machine and the gateway", async () => {
    const result = await networkInfo.execute({}, context);
    expect(result.ok).toBe(true);
    const { interfaces, gateway } = result.data as { interfaces: { name: string }[]; gateway: unknown };
    expect(interfaces.map(({ name }) => name)).toEqual(Object.keys(networkInterfaces()));
    expect(gateway === null || typeof gateway === "object").toBe(true);
  });

  test("refuses an unknown argument", () => {
    expect(networkInfo.parameters.safeParse({ surprise: 1 }).success).toBe(false);
  });
});

describe("open_ports, dns_info and wifi_info", () => {
  test("open_ports finds what listens on this machine", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    try {
      const { port } = server.address() as AddressInfo;
      const { data } = await openPorts.execute({}, context);
      const { ports } = data as { ports: { port: number; processes: { pid: number }[] }[] };
      const found = ports.find((each) => each.port === port);
      expect(found?.processes.map(({ pid }) => pid)).toEqual([process.pid]);
    } finally {
      server.close();
    }
  });

  test("answer on any machine, and end with the call", async () => {
    expect(await dnsInfo.execute({}, context)).toMatchObject({
      ok: true,
      data: { resolvers: expect.any(Array) },
    });
    expect(await wifiInfo.execute({}, context)).toMatchObject({
      ok: true,
      data: { interfaces: expect.any(Array) },
    });
    context.abort();
    expect(await openPorts.execute({}, context)).toMatchObject({ ok: false, error: { code: "cancelled" } });
  });

  test("take no arguments", () => {
    for (const { parameters } of [openPorts, dnsInfo, wifiInfo]) {
      expect(parameters.safeParse({}).success).toBe(true);
      expect(parameters.safeParse({ surprise: 1 }).success).toBe(false);
    }
  });
});

describe("check_website_status", () => {
  test("G28 refuses a server on this machine, which never hears of it", async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const result = await checkWebsiteStatus.execute({ url }, context);
      expect(result).toMatchObject({ ok: false, error: { code: "address_refused" } });
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });

  test("G21 refuses credentials in the URL without repeating them", async () => {
    const result = await checkWebsiteStatus.execute({ url: "https://user:canary@example.com" }, context);
    expect(result).toMatchObject({ ok: false, error: { code: "invalid_url" } });
    expect(JSON.stringify(result)).not.toContain("canary");
  });

  test("needs a url and refuses unknown arguments", () => {
    expect(checkWebsiteStatus.parameters.safeParse({}).success).toBe(false);
    expect(checkWebsiteStatus.parameters.safeParse({ url: "http://x", body: 1 }).success).toBe(false);
  });
});
