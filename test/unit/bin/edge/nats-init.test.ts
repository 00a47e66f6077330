// `npm run doctor -- nats init`: what it makes, says and refuses, and that it can be repeated.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { natsInit } from "../../../../bin/doctor/nats-init.ts";
import { type Language, textsFor } from "../../../../bin/terminal/texts.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-init-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const init = (args: string[] = [], more: Record<string, string> = {}, language: Language = "en") =>
  natsInit(["init", ...args], { MACJARVIS_HOME: home, ...more }, textsFor(language));
const configuration = (folder = join(home, "edge")) => readFileSync(join(folder, "nats-server.conf"), "utf8");
const keys = () =>
  ["operator.seed", "grants.seed", "hub.creds", "edge-account.pub"].map((name) =>
    readFileSync(join(home, "edge", name), "utf8"),
  );

describe("nats init", () => {
  test("says what was made, what to start, what to set where, and what to take away", async () => {
    const said = await init();
    expect(said).toContain(`The keys of the edge were made in ${join(home, "edge")}`);
    expect(said).toContain(`nats-server -c ${join(home, "edge/nats-server.conf")}`);
    expect(said).toContain("EDGE_URL=nats://127.0.0.1:4223\n");
    expect(said).not.toMatch(/EDGE_KEYS=|EDGE_PUBLIC_URL=|NATS_CREDS=/);
    expect(said).toMatch(/tools hub\.creds, grants\.seed; for nodes operator-signing\.seed, system\.creds/);
    expect(said).toContain("Take away operator.seed, operator.jwt");
    expect(said).not.toMatch(/S[ANOU][A-Z2-7]{56}/);
    expect(configuration()).toContain('listen: "127.0.0.1:4223"');
  });

  test("repeated changes nothing, also not what somebody has changed in the configuration", async () => {
    await init();
    const before = keys();
    writeFileSync(join(home, "edge/nats-server.conf"), `${configuration()}\n# mine\n`);
    const changed = configuration();
    const said = await init();
    expect(said).toMatch(/stay as they are[\s\S]*stays as it is/);
    expect(keys()).toEqual(before);
    expect(configuration()).toBe(changed);
    rmSync(join(home, "edge/operator.seed"));
    rmSync(join(home, "edge/operator.jwt"));
    expect(await init()).toContain("was taken away already");
  });

  test("with other options changes the configuration in what they name, and keeps keys and the former one", async () => {
    await init();
    const before = keys();
    const former = configuration();
    const [cert, key] = [join(home, "cert.pem"), join(home, "key.pem")];
    for (const file of [cert, key]) writeFileSync(file, "");
    const tls = ["--tls-cert", cert, "--tls-key", key];
    const said = await init(["--listen", "0.0.0.0:4300", "--public", "tls://edge.example.com:4300", ...tls]);
    expect(said).toContain("nats-server.conf.before");
    expect(said).toContain("EDGE_URL=tls://edge.example.com:4300\n");
    expect(readFileSync(join(home, "edge/nats-server.conf.before"), "utf8")).toBe(former);
    await init(["--core"]);
    expect(configuration()).toMatch(/0\.0\.0\.0:4300[\s\S]*cert\.pem[\s\S]*jetstream/);
    expect(keys()).toEqual(before);
  });

  test("in another folder says so, and tells a core on the same server its credentials", async () => {
    const folder = join(home, "some where");
    const said = await init(["--folder", folder, "--core", "--public", "wss://edge.example.com"]);
    expect(said).toContain(`EDGE_KEYS='${folder}'`);
    expect(said).toContain("EDGE_PUBLIC_URL=wss://edge.example.com\n");
    expect(said).toContain(`NATS_CREDS='${join(folder, "core.creds")}'`);
    expect(configuration(folder)).toContain("jetstream");
    expect(await init([], { EDGE_KEYS: folder })).toContain("stay as they are");
  });

  test("listens for the web where it is told to, and Macs are told the address of the web only", async () => {
    const said = await init(["--websocket", "127.0.0.1:4224", "--public", "wss://edge.example.com/edge"]);
    expect(said).toContain("EDGE_URL=nats://127.0.0.1:4223\n");
    expect(said).toContain("EDGE_PUBLIC_URL=wss://edge.example.com/edge\n");
    expect(configuration()).toMatch(/^websocket: \{\n {2}listen: "127\.0\.0\.1:4224"/m);
    await init(["--listen", "127.0.0.1:4300"]);
    expect(configuration()).toMatch(/127\.0\.0\.1:4300[\s\S]*127\.0\.0\.1:4224/);
  });

  test("on all addresses, without a name, leaves the name to the person", async () => {
    const [cert, key] = [join(home, "cert.pem"), join(home, "key.pem")];
    for (const file of [cert, key]) writeFileSync(file, "");
    expect(await init(["--listen", "0.0.0.0:4300", "--tls-cert", cert, "--tls-key", key])).toContain(
      "EDGE_URL=tls://NAME-IN-THE-CERTIFICATE:4300",
    );
  });

  test("speaks Chinese, and tells its options", async () => {
    expect(await init([], {}, "zh")).toMatch(/密钥已在[\s\S]*启动 nats-server[\s\S]*EDGE_URL=/);
    expect(await init(["--help"])).toMatch(/--folder DIR[\s\S]*--core/);
  });

  test.each([
    [["--listen", "0.0.0.0:4223"], /plain text.*--tls-cert/],
    [["--listen", "4223"], /--listen must be HOST:PORT/],
    [["--websocket", "0.0.0.0:443"], /plain text.*--tls-cert/],
    [["--websocket", "443"], /--websocket must be HOST:PORT/],
    [["--tls-cert", "/x"], /--tls-cert and --tls-key belong together/],
    [["--tls-cert", "/nowhere", "--tls-key", "/nowhere"], /\/nowhere cannot be read/],
    [["--public", "nats://edge.example.com"], /--public: would be reached in plain text/],
    [["--public", "tls://a:b@edge.example.com"], /--public: has a user or password/],
    [["again"], /takes "init" and nothing else \(it is "again"\)/],
    [["--port", "1"], /There is no option --port.*nats --help/],
  ])("%j is refused in words, and nothing is made", async (args, words) => {
    await expect(init(args)).rejects.toThrow(words);
    expect(existsSync(join(home, "edge"))).toBe(false);
  });
});
