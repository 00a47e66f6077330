import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkVersion, examine } from "../../../bin/doctor/examine.ts";
import { type Finding, findingsText } from "../../../bin/doctor/finding.ts";
import { checkRights, checkSandbox, checkUser } from "../../../bin/doctor/sandbox.ts";
import { PLAIN } from "../../../bin/terminal/colours.ts";
import { textsFor } from "../../../bin/terminal/texts.ts";
import { lockDataFolder } from "../../../lib/embedded/folder-lock.ts";
import { json, problem, type Reply, remoteServer } from "./remote-server.ts";

let home = "";
const closing: (() => void | Promise<void>)[] = [];
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "macjarvis-doctor-")), "home");
  closing.push(() => rmSync(join(home, ".."), { recursive: true }));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A folder as a server leaves it. */
function makeHome(): void {
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "owner.key"), "k\n", { mode: 0o600 });
}

async function remote(routes: Record<string, Reply>): Promise<string> {
  const server = await remoteServer(routes);
  closing.push(server.close);
  return server.url;
}

/** The findings by their check; `PORT=0` unless said, so that no other program's port matters. */
async function diagnose(more: Record<string, string> = {}): Promise<Record<string, Finding>> {
  const findings = await examine({ MACJARVIS_HOME: home, PORT: "0", ...more });
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

const READY: Record<string, Reply> = {
  "GET /health/ready": (_asked, response) => json(response, 200, { status: "ready" }),
};
const model = (id: string, available: boolean) => ({
  id,
  available,
  ...(available ? {} : { reason: "set OPENAI_API_KEY" }),
});

describe("npm run doctor", () => {
  test("a machine where nothing ran yet has no failure, and looking makes no folder", async () => {
    const found = await diagnose({ SANDBOX: "off" });
    expect(Object.values(found).filter(({ state }) => state === "failure")).toEqual([]);
    expect(() => statSync(home)).toThrow();
  });

  test("every finding that is not ok has its fix", async () => {
    const found = await diagnose({
      HOST_TOOLS: "all",
      HOST: "0.0.0.0",
      REGISTRATION: "open",
      SANDBOX: "off",
    });
    const faults = Object.values(found).filter(({ state }) => state !== "ok");
    expect(faults.length).toBeGreaterThan(3);
    for (const { fix } of faults) expect(fix).toBeTruthy();
  });

  test("a folder and a key that others can read are failures, and stay as they were", async () => {
    makeHome();
    chmodSync(home, 0o755);
    chmodSync(join(home, "owner.key"), 0o644);
    const found = await diagnose();
    expect(found["data folder"]).toMatchObject({ state: "failure", fix: `chmod 700 ${home}` });
    expect(found.keys).toMatchObject({ state: "failure", fix: `chmod 600 ${join(home, "owner.key")}` });
  });

  test("a faulty environment is told variable by variable", async () => {
    const found = await diagnose({ PORT: "x", SANDBOX: "perhaps" });
    expect(found.environment?.state).toBe("failure");
    expect(found.environment?.message).toMatch(/PORT:[\s\S]*SANDBOX:/);
  });

  test("a folder in use by a server that does not answer is a warning that names it", async () => {
    makeHome();
    const lock = lockDataFolder(home);
    closing.push(() => lock.release());
    expect((await diagnose()).lock).toMatchObject({
      state: "warning",
      message: expect.stringContaining(home),
    });
  });

  test("a port of another program is a failure", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => other.close(() => resolve())));
    other.on("connection", (socket) => socket.destroy());
    const { port } = other.address() as { port: number };
    expect((await diagnose({ PORT: String(port) })).port).toMatchObject({
      state: "failure",
      fix: expect.stringContaining(`PORT=${port + 1}`),
    });
  });

  test.each<[string, Reply, string, string]>([
    [
      "401",
      (_asked, response) => json(response, 401, {}),
      "refuses the key (HTTP 401)",
      "set OPENAI_API_KEY",
    ],
    ["403", (_asked, response) => json(response, 403, {}), "does not let the key in", "OPENAI_API_KEY"],
    [
      "404",
      (_asked, response) => json(response, 404, {}),
      "no list of models at this address",
      "OPENAI_BASE_URL",
    ],
    ["429", (_asked, response) => json(response, 429, {}), "limits our requests now", "wait"],
    ["500", (_asked, response) => json(response, 500, {}), "a fault of its own (HTTP 500)", "log"],
    [
      "a list without models",
      (_asked, response) => json(response, 200, { data: [] }),
      "has no models",
      "ollama pull",
    ],
    [
      "a page",
      (_asked, response) => response.end("<html>Welcome to nginx!</html>"),
      "no list of models at this address",
      "most addresses end in /v1",
    ],
    ["nothing", () => undefined, "does not answer", "log"],
    [
      "a closed connection",
      (_asked, response) => response.destroy(),
      "closes connections without an answer",
      "address",
    ],
  ])(
    "a model's server that answers %s is a failure with its fix, without the key",
    async (_what, reply, what, fix) => {
      const server = await remoteServer({ "GET /models": reply });
      closing.push(server.close);
      const base = server.url.replace("/api/v1", "");
      const found = (await diagnose({ OPENAI_BASE_URL: `${base}/api/v1`, OPENAI_API_KEY: "canary" }))[
        "model server"
      ];
      expect(found).toMatchObject({
        state: "failure",
        message: expect.stringContaining(what),
        fix: expect.stringContaining(fix),
      });
      expect(JSON.stringify(found)).not.toMatch(/canary|UND_ERR|ECONN/);
    },
  );

  test("a model's server that is not there is a failure in words, one that lists models is none", async () => {
    const models = await remote({
      "GET /key/v1/models": ({ headers }, response) =>
        headers["x-api-key"] === "right"
          ? json(response, 200, { data: [{ id: "claude" }] })
          : json(response, 401, {}),
    });
    const gone = await remoteServer({});
    await gone.close();
    expect((await diagnose({ OPENAI_BASE_URL: gone.url }))["model server"]).toMatchObject({
      state: "failure",
      message: expect.stringMatching(/127\.0\.0\.1:\d+\) refuses connections$/),
      fix: expect.stringMatching(/^start it, or set OPENAI_BASE_URL/),
    });
    const anthropic = { ANTHROPIC_BASE_URL: `${models}/key`, ANTHROPIC_API_KEY: "wrong" };
    expect((await diagnose(anthropic))["model server"]).toMatchObject({
      state: "failure",
      fix: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
    anthropic.ANTHROPIC_API_KEY = "right";
    expect((await diagnose(anthropic))["model server"]?.state).toBe("ok");
    expect((await diagnose())["model server"]).toBeUndefined();
    expect((await diagnose({ OPENAI_BASE_URL_MINE: gone.url }))["model server"]?.fix).toContain(
      "OPENAI_BASE_URL_MINE",
    );
  });

  test("a default or a fallback of no provider is a failure that names the providers", async () => {
    expect(
      (await diagnose({ DEFAULT_MODEL: "opnai/x", OPENAI_BASE_URL: "http://127.0.0.1:9" })).models,
    ).toMatchObject({
      state: "failure",
      message: "DEFAULT_MODEL is opnai/x",
      fix: expect.stringContaining("openai"),
    });
    expect((await diagnose({ FALLBACK_MODELS: "demo/demo,opnai/y" })).models).toMatchObject({
      state: "failure",
      message: expect.stringMatching(/FALLBACK_MODELS names opnai\/y.*use openai, anthropic/),
    });
  });

  test("running as root is a warning", () => {
    expect(checkUser(0)).toMatchObject([{ state: "warning", fix: expect.any(String) }]);
    expect([...checkUser(1000), ...checkUser(undefined)]).toEqual([]);
  });

  test("a running server is asked for its models with the owner's key", async () => {
    makeHome();
    const MACJARVIS_URL = await remote({
      ...READY,
      "GET /agent/models": ({ headers }, response) =>
        headers.authorization === "Bearer k"
          ? json(response, 200, {
              models: [model("openai/x", true), model("demo/demo", true)],
              default: "openai/x",
            })
          : problem(response, 401, "unauthenticated", "no"),
    });
    const found = await diagnose({ MACJARVIS_URL });
    expect(found.server?.state).toBe("ok");
    expect(found.models).toMatchObject({ state: "ok", message: expect.stringContaining("openai/x") });
    expect((await diagnose({ MACJARVIS_URL, MACJARVIS_KEY: "wrong" })).key?.state).toBe("failure");
  });

  test("only the demo model is a warning, a default that cannot be used a failure", async () => {
    makeHome();
    let models = [model("demo/demo", true)];
    const MACJARVIS_URL = await remote({
      ...READY,
      "GET /agent/models": (_asked, response) => json(response, 200, { models, default: models[0]?.id }),
    });
    expect((await diagnose({ MACJARVIS_URL })).models?.state).toBe("warning");
    models = [model("openai/x", false), model("demo/demo", true)];
    expect((await diagnose({ MACJARVIS_URL })).models).toMatchObject({
      state: "failure",
      fix: "set OPENAI_API_KEY",
    });
  });

  test("a server that is not ready says what is missing", async () => {
    const MACJARVIS_URL = await remote({
      "GET /health/ready": (_asked, response) =>
        json(response, 503, { status: "not_ready", missing: ["service agent"] }),
    });
    expect((await diagnose({ MACJARVIS_URL })).server).toMatchObject({
      state: "failure",
      message: expect.stringContaining("service agent"),
    });
  });

  test("a sandbox that is not installed is a failure with the command that installs it", async () => {
    expect(await checkSandbox("on", textsFor("en"), "linux", "/nowhere")).toMatchObject({
      state: "failure",
      fix: expect.stringContaining("apt-get install bubblewrap"),
    });
    expect((await checkSandbox("off")).state).toBe("warning");
  });

  test("folders for tools that are not there are a failure", () => {
    const [found] = checkRights({
      HOST: "127.0.0.1",
      HOST_TOOLS: "owner",
      REGISTRATION: undefined,
      TOOL_ROOTS: ["/nowhere"],
      TRUSTED_PROXIES: [],
    });
    expect(found).toMatchObject({ state: "failure", message: expect.stringContaining("/nowhere") });
  });

  test("an old Node is a failure", () => {
    expect(checkVersion("22.1.0").state).toBe("failure");
    expect(checkVersion("24.0.0").state).toBe("ok");
  });

  test("findings are aligned, with their fix below and a sum at the end", () => {
    const text = findingsText(
      [
        { id: "a", check: "a", state: "ok", message: "fine" },
        { id: "long.bad", check: "long", state: "failure", message: "bad", fix: "mend" },
      ],
      PLAIN,
    );
    expect(text).toBe("✓ a     fine\n✗ long  bad\n        fix: mend\n\n1 failure, 0 warnings.\n");
  });
});
