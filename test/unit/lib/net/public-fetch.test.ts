// publicFetch against real servers on loopback.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { isNearAddress } from "../../../../lib/net/public-address.ts";
import { type PublicFetch, publicFetch } from "../../../../lib/net/public-fetch.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const opened = (...given: Parameters<typeof publicFetch>): PublicFetch => {
  const made = publicFetch(...given);
  closers.push(() => made.close());
  return made;
};
async function website(): Promise<{ port: number; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    if (request.url === "/cut") return void response.destroy();
    response.end("fine");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, hits };
}

test("G28 what is private is refused in words before a byte leaves, be it an address or what a name leads to", async () => {
  const { port, hits } = await website();
  const { fetch } = opened("public", { lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
  for (const host of ["127.0.0.1", "example.com", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"])
    await expect(fetch(`http://${host}:${port}/`)).rejects.toMatchObject({
      name: "NotSent",
      message: expect.stringMatching(/only public internet addresses/),
    });
  expect(hits).toEqual([]);
});

test("G28 a name that leads to something else at the next connection is judged again", async () => {
  const { port, hits } = await website();
  const found = ["169.254.169.254", "127.0.0.1"];
  const { fetch } = opened("near", {
    lookup: async () => [{ address: found.pop() ?? "10.0.0.1", family: 4 }],
  });
  const answer = await fetch(`http://rebound.example:${port}/`, { headers: { connection: "close" } });
  expect(await answer.text()).toBe("fine");
  await expect(fetch(`http://rebound.example:${port}/`)).rejects.toMatchObject({ name: "NotSent" });
  expect(hits).toEqual(["/"]);
});

test("what was sent and not answered is no request that was not sent", async () => {
  const { port } = await website();
  const { fetch } = opened("near");
  await expect(fetch(`http://127.0.0.1:${port}/cut`)).rejects.not.toMatchObject({ name: "NotSent" });
  await expect(fetch("http://127.0.0.1:1/")).rejects.toMatchObject({
    name: expect.stringMatching(/^(NotSent|Error)$/),
  });
});

test.each([
  ["127.0.0.1", true],
  ["10.1.2.3", true],
  ["192.168.0.1", true],
  ["::1", true],
  ["fd00::1", true],
  ["8.8.8.8", true],
  ["169.254.169.254", false],
  ["fe80::1", false],
  ["0.0.0.0", false],
  ["224.0.0.1", false],
  ["100.64.0.1", false],
  ["168.63.129.16", false],
  ["::ffff:10.0.0.1", false],
  ["nonsense", false],
])("%s is near: %s", (address, isNear) => {
  expect(isNearAddress(address)).toBe(isNear);
});
