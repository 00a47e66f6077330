// nats-server.conf: what stands in it, when it is written, and that it can be read back.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { makeKeys } from "../../../../lib/edge/keys/make-keys.ts";
import {
  configurationPath,
  listeningOf,
  readConfiguration,
  type ServerSettings,
  writeConfiguration,
} from "../../../../lib/edge/server-configuration.ts";
import { isMeantVersion } from "../../../../lib/edge/server-version.ts";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-conf-"));
  await makeKeys(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(configurationPath(folder), { force: true }));

const HERE: ServerSettings = { host: "127.0.0.1", port: 4223, core: false };
const text = () => readFileSync(configurationPath(folder), "utf8");

describe("nats-server.conf", () => {
  test.each<ServerSettings>([
    HERE,
    { ...HERE, core: true },
    { ...HERE, host: "::1" },
    { ...HERE, host: "0.0.0.0", tls: { certFile: '/a b/"c".pem', keyFile: "/k.pem" } },
    { ...HERE, host: "edge.example.com", port: 65_535, tls: { certFile: "/c", keyFile: "/k" }, core: true },
  ])("says what was asked for: %j", (settings) => {
    expect(writeConfiguration(folder, settings)).toBe(true);
    expect(readConfiguration(folder)).toMatchObject({
      host: settings.host,
      port: settings.port,
      core: settings.core,
    });
    expect(text().includes("jetstream")).toBe(settings.core);
    expect(text().includes("cert_file")).toBe(settings.tls !== undefined);
  });

  test("notices dead ones within 15 s, cuts slow ones and silent ones, and never forgets a revocation", () => {
    writeConfiguration(folder, HERE);
    for (const line of ["max_payload: 8MB", 'ping_interval: "4s"', "ping_max: 2", 'write_deadline: "5s"'])
      expect(text()).toContain(line);
    expect(text()).toMatch(/authorization: \{ timeout: 3 \}/);
    expect(text()).toMatch(/type: full[\s\S]*allow_delete: false/);
  });

  test("stands by itself: it is made again when the operator was taken away", () => {
    writeConfiguration(folder, HERE);
    const [operator] = /^operator:.*$/m.exec(text()) ?? [];
    const kept = readFileSync(join(folder, "operator.jwt"));
    rmSync(join(folder, "operator.jwt"));
    writeConfiguration(folder, { ...HERE, port: 5_000 });
    expect(text()).toContain(operator);
    rmSync(configurationPath(folder));
    expect(() => writeConfiguration(folder, HERE)).toThrow(/lack operator\.jwt/);
    writeFileSync(join(folder, "operator.jwt"), kept);
  });

  test("is its owner's alone, is not written again when it is the same, and keeps the former one", () => {
    writeConfiguration(folder, HERE);
    expect(statSync(configurationPath(folder)).mode & 0o777).toBe(0o600);
    expect(writeConfiguration(folder, HERE)).toBe(false);
    const before = text();
    expect(writeConfiguration(folder, { ...HERE, port: 5_000 })).toBe(true);
    expect(readFileSync(`${configurationPath(folder)}.before`, "utf8")).toBe(before);
  });

  test("listens for the web as well: plain on this machine, for a proxy there, else with the certificate", () => {
    const tls = { certFile: "/c.pem", keyFile: "/k.pem" };
    const [here, elsewhere] = [
      { host: "127.0.0.1", port: 4_224 },
      { host: "0.0.0.0", port: 443 },
    ];
    for (const [webSocket, given, line] of [
      [here, undefined, "no_tls: true"],
      [here, tls, "no_tls: true"],
      [elsewhere, tls, 'tls: { cert_file: "/c.pem", key_file: "/k.pem", min_version: "1.2" }'],
    ] as const) {
      writeConfiguration(folder, { ...HERE, ...(given ? { tls: given } : {}), webSocket });
      expect(text()).toMatch(/^websocket: \{/m);
      expect(text()).toContain(line);
      expect(readConfiguration(folder)).toEqual({ ...HERE, ...(given ? { tls: given } : {}), webSocket });
    }
    writeConfiguration(folder, HERE);
    expect(readConfiguration(folder)).toEqual(HERE);
    expect(() => writeConfiguration(folder, { ...HERE, webSocket: elsewhere })).toThrow(/plain text/);
  });

  test("never listens to others in plain text", () => {
    for (const host of ["0.0.0.0", "::", "192.168.0.2", "edge.example.com"])
      expect(() => writeConfiguration(folder, { ...HERE, host })).toThrow(/plain text/);
    expect(existsSync(configurationPath(folder))).toBe(false);
  });

  test("that somebody has written anew is refused in words, where it does not say where it listens", () => {
    writeFileSync(configurationPath(folder), "port: 4222\n");
    expect(() => readConfiguration(folder)).toThrow(/has no line such as listen/);
  });

  test("that is not there is none", () => expect(readConfiguration(folder)).toBeUndefined());
});

test.each([
  ["127.0.0.1:4223", { host: "127.0.0.1", port: 4223 }],
  ["[::]:1", { host: "::", port: 1 }],
  ["edge.example.com:65535", { host: "edge.example.com", port: 65_535 }],
  ["::1:4223", undefined],
  ["4223", undefined],
  ["127.0.0.1:0", undefined],
  ["127.0.0.1:65536", undefined],
  ["127.0.0.1:4223\nhttp: 1", undefined],
  ['a"b:1', undefined],
  ["", undefined],
])("%j is the address %j", (given, expected) => expect(listeningOf(given)).toEqual(expected));

test.each([
  ["2.10.27", false],
  ["2.11.15", false],
  ["2.11.16", true],
  ["2.12.6", false],
  ["2.12.7", true],
  ["2.13.9", false],
  ["2.14.0", true],
  ["2.15.1", true],
  ["2.14.0-RC.1", true],
  ["3.0.0", true],
  ["1.9.9", false],
  ["", false],
])("nats-server %s is new enough for Macs from anywhere: %s", (version, expected) =>
  expect(isMeantVersion(version)).toBe(expected),
);
