// A Mac is paired, looked at and leaves again: the real program, as npm starts it, against the server's side of pairing.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { environment } from "../support/environment.ts";
import { CODE, NODE_ID, type PairingServer, startPairingServer } from "../support/pairing-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let base = "";
let home = "";
let server: PairingServer;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-pair-"));
  home = join(base, "node");
  server = await startPairingServer();
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await server.stop();
  rmSync(base, { recursive: true, force: true });
});

type Run = { child: ChildProcess; text(): string; ended: Promise<{ code: number | null; text: string }> };

function start(args: string[], input = "", env: Record<string, string> = {}): Run {
  const child = spawn(NODE, [join(ROOT, "bin/node.ts"), ...args], {
    cwd: base,
    env: environment({ HOME: base, MACJARVIS_NODE_HOME: home, ...env }),
  });
  children.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += String(chunk)));
  child.stdin?.end(input);
  const ended = new Promise<{ code: number | null; text: string }>((resolve) => {
    child.once("close", (code) => {
      children.delete(child);
      resolve({ code, text });
    });
  });
  return { child, text: () => text, ended };
}
const run = (args: string[], input?: string, env?: Record<string, string>) => start(args, input, env).ended;
const joining = (...more: string[]) => ["join", server.url, CODE, "--name", "studio", "--no-serve", ...more];

async function pairedMac(): Promise<void> {
  server.confirmed = true;
  expect(await run(joining())).toMatchObject({ code: 0 });
  server.told = [];
}

describe("join", () => {
  test("shows the fingerprint, waits until it is confirmed, and keeps what it was given for its owner alone", async () => {
    const pairing = start(joining());
    await waitFor("the fingerprint is shown", () => /[0-9a-f]{4}( [0-9a-f]{4}){4}/.test(pairing.text()));
    expect(existsSync(join(home, "identity.json"))).toBe(false);
    expect(pairing.text()).toContain("studio");
    expect(pairing.text()).toContain("confirm it there");
    server.confirmed = true;
    const { code, text } = await pairing.ended;
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining("joe@example.com") });
    const identity = JSON.parse(readFileSync(join(home, "identity.json"), "utf8"));
    expect(identity).toMatchObject({ node_id: NODE_ID, server: server.url, name: "studio" });
    const [first] = server.told;
    expect(first?.body).toMatchObject({ code: CODE, name: "studio", platform: process.platform });
    const modes = readdirSync(home, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, (statSync(join(home, name)).mode & 0o777).toString(8)]);
    expect(modes.toSorted()).toEqual([
      ["credentials.json", "600"],
      ["identity.json", "600"],
      ["key.seed", "600"],
    ]);
    expect((statSync(home).mode & 0o777).toString(8)).toBe("700");
    const seed = readFileSync(join(home, "key.seed"), "utf8").trim();
    expect(JSON.stringify(server.told)).not.toContain(seed);
  });

  test("Ctrl-C leaves nothing behind and says so", async () => {
    const pairing = start(joining());
    await waitFor("the fingerprint is shown", () => pairing.text().includes("confirm it there"));
    pairing.child.kill("SIGINT");
    const { code, text } = await pairing.ended;
    expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining("not paired") });
    expect(readdirSync(home)).toEqual(["log"]);
  });

  test.each([
    ["pairing_not_found", 404, "does not know this code"],
    ["pairing_used", 409, "used already"],
    ["pairing_expired", 410, "has expired"],
    ["pairing_refused", 403, "was refused on the server"],
    ["too_many_attempts", 429, "no more attempts"],
    ["internal", 500, "The detail of internal."],
  ])("the server's %s is told in words, and nothing is kept", async (code, status, words) => {
    server.refusal = { code, status };
    const ended = await run(joining());
    expect(ended).toMatchObject({ code: 1, text: expect.stringContaining(words) });
    expect(ended.text).not.toMatch(/ {4}at |Error:/);
    expect(readdirSync(home)).toEqual(["log"]);
  });

  test("another fingerprint on the server ends the pairing: somebody is on the way", async () => {
    server.fingerprint = "0000 0000 0000 0000 0000";
    const ended = await run(joining());
    expect(ended).toMatchObject({ code: 1, text: expect.stringContaining("somebody is on the way") });
    expect(readdirSync(home)).toEqual(["log"]);
  });

  test("a Mac that is paired says with whom, and asks nobody", async () => {
    await pairedMac();
    const ended = await run(joining());
    expect(ended).toMatchObject({
      code: 1,
      text: expect.stringContaining(`paired with ${server.url} already`),
    });
    expect(server.told).toEqual([]);
  });

  test("a folder that takes no file costs no code", async () => {
    writeFileSync(home, "");
    const ended = await run(joining());
    expect(ended).toMatchObject({ code: 1, text: expect.stringContaining("a part of the path is a file") });
    expect(server.told).toEqual([]);
  });

  test("the home folder itself is no folder for it: it would be closed to others", async () => {
    const ended = await run(joining(), "", { MACJARVIS_NODE_HOME: base });
    expect(ended).toMatchObject({
      code: 1,
      text: expect.stringContaining("a place for more than MacJarvis"),
    });
    expect(server.told).toEqual([]);
  });

  test("a certificate of one's own authority is taken with --ca, and refused without", async () => {
    const [key, cert] = [join(base, "key.pem"), join(base, "cert.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        cert,
        ...subject,
      ],
      { stdio: "ignore" },
    );
    await server.stop();
    server = await startPairingServer({ key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") });
    server.confirmed = true;
    const refused = await run(joining());
    expect(refused).toMatchObject({
      code: 1,
      text: expect.stringContaining("its certificate is not trusted"),
    });
    expect(refused.text).toContain("--ca <file>");
    expect(server.told).toEqual([]);
    expect(await run(joining("--ca", cert))).toMatchObject({ code: 0 });
    // It is kept: later requests go the same way.
    expect(await run(["leave", "--yes"])).toMatchObject({ code: 0 });
    expect(server.left).toBe(true);
  });
});

describe("a paired Mac", () => {
  test("tells its status in words and for programs", async () => {
    await pairedMac();
    const words = await run(["status"]);
    expect(words).toMatchObject({
      code: 0,
      text: expect.stringContaining(`joe@example.com at ${server.url}`),
    });
    const { text } = await run(["status", "--json"]);
    expect(JSON.parse(text)).toMatchObject({
      paired: { node_id: NODE_ID, owner: "joe@example.com", name: "studio" },
      serving: null,
      frozen: null,
      policy: { ok: true, is_there: false },
      last_calls: [],
    });
    expect((await run(["status"], "", { LANG: "zh_CN.UTF-8" })).text).toContain("配对");
  });

  test("leaves: the server is told with a signature, the key is gone, policy and secrets stay", async () => {
    await pairedMac();
    writeFileSync(join(home, "policy.json"), "{}");
    expect(await run(["leave"])).toMatchObject({ code: 1, text: expect.stringContaining("--yes") });
    expect(server.left).toBe(false);
    const left = await run(["leave", "--yes"]);
    expect(left).toMatchObject({ code: 0, text: expect.stringContaining("here and there") });
    expect(server.left).toBe(true);
    expect(readdirSync(home).toSorted()).toEqual(["log", "policy.json"]);
  });

  test("leaves without the server, with a warning; --purge removes what it has made", async () => {
    await pairedMac();
    writeFileSync(join(home, "of-somebody.txt"), "");
    await server.stop();
    const left = await run(["leave", "--yes", "--purge"]);
    expect(left).toMatchObject({ code: 0, text: expect.stringContaining("Revoke this machine there, too") });
    // But what it has not made.
    expect(readdirSync(home)).toEqual(["of-somebody.txt"]);
    server = await startPairingServer();
  });

  test("keeps a secret that is piped in, shows its name only, and takes none from the command line", async () => {
    const set = await run(["secret", "set", "GITHUB_TOKEN"], "ghp_0123456789\n");
    expect(set).toMatchObject({ code: 0, text: expect.stringContaining('"tools"') });
    const listed = await run(["secret", "list"]);
    expect(listed.text).toMatch(/^GITHUB_TOKEN {2}\d{4}-/);
    expect(listed.text).not.toContain("ghp_");
    expect(statSync(join(home, "secrets.json")).mode & 0o777).toBe(0o600);
    const typed = await run(["secret", "set", "GITHUB_TOKEN", "ghp_other"]);
    expect(typed).toMatchObject({
      code: 2,
      text: expect.stringContaining("does not belong on the command line"),
    });
    expect(await run(["secret", "set", "SHORT"], "abc")).toMatchObject({ code: 1 });
    expect(await run(["secret", "remove", "GITHUB_TOKEN"])).toMatchObject({ code: 0 });
    expect(await run(["secret", "remove", "GITHUB_TOKEN"])).toMatchObject({ code: 1 });
  });

  test("finds what is wrong with its policy file, with the line", async () => {
    await pairedMac();
    writeFileSync(join(home, "policy.json"), '{\n  "tools": {"denny": ["execute"]}\n}');
    const bad = await run(["policy", "check"]);
    expect(bad).toMatchObject({
      code: 1,
      text: expect.stringContaining("line 2: tools.denny is not known here"),
    });
    expect((await run(["status"])).text).toContain("damaged, so nothing runs");
    writeFileSync(join(home, "policy.json"), '{"tools": {"deny": ["execute", "exekute"]}}');
    const warned = await run(["policy", "check"]);
    expect(warned).toMatchObject({ code: 0, text: expect.stringContaining("exekute") });
  });

  test("that was revoked says so and asks nobody; the system's service ends in order, and is not started again", async () => {
    await pairedMac();
    const file = join(home, "identity.json");
    const identity = { ...JSON.parse(readFileSync(file, "utf8")), revoked_at: "2026-01-01T00:00:00.000Z" };
    writeFileSync(file, JSON.stringify(identity));
    const revoked = await run(["serve"]);
    expect(revoked).toMatchObject({ code: 3, text: expect.stringContaining("has revoked this machine") });
    expect(await run(["serve", "--service"])).toMatchObject({ code: 0 });
    expect(server.told).toEqual([]);
    expect((await run(["logs", "-n", "1"])).text).toMatch(/^\d{4}-\d\d-\d\d [\d:]+ error the serving ended/);
  });
});

test("a Mac that is not paired says how it is, and makes no folder", async () => {
  const ended = await run(["serve"]);
  expect(ended).toMatchObject({
    code: 1,
    text: expect.stringContaining("npm run node -- join <url> <code>"),
  });
  expect(await run([])).toMatchObject({ code: 0, text: expect.stringContaining("join <url> <code>") });
  expect(existsSync(home)).toBe(false);
});
