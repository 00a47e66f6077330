import { describe, expect, test } from "@jest/globals";
import { isLoopback, readClientEnvironment, readEnvironment } from "../../../lib/env.ts";

/** What is said of a faulty environment; empty when it is accepted. */
function faults(source: Record<string, string>): string {
  try {
    readEnvironment(source);
    return "";
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

describe("the environment", () => {
  test("is complete without any variable, and an empty one counts as not set", () => {
    const env = readEnvironment({ PORT: "", HOST: " ", METRICS_PORT: "", NATS_URL: "" });
    expect(env).toMatchObject({ HOST: "127.0.0.1", PORT: 3000, SANDBOX: "on", MAX_STEPS: 25 });
    expect(env.METRICS_PORT).toBeUndefined();
  });

  test("tells all faults together, each with its variable, what may stand there, and what does", () => {
    const said = faults({
      PORT: "0x10",
      SANDBOX: "maybe",
      MAX_STEPS: "101",
      RUN_DEADLINE_S: "-1",
      MODELS: "openai/x,y",
      OPENAI_BASE_URL: "localhost:1234",
      ALLOWED_ORIGINS: "https://a.example/path",
      TRUSTED_PROXIES: "10.0.0.0/8,nobody",
    });
    expect(said).toContain('PORT: must be a whole number from 0 to 65535 (it is "0x10")');
    expect(said).toContain('SANDBOX: must be on or off (it is "maybe")');
    expect(said).toContain("OPENAI_BASE_URL: must be an http:// or https:// address\n");
    for (const name of ["MAX_STEPS", "RUN_DEADLINE_S", "MODELS", "ALLOWED_ORIGINS", "TRUSTED_PROXIES"])
      expect(said).toContain(`  ${name}: must be `);
    expect(said).toContain("8 variables are not set");
  });

  test("never shows a value that may be a secret", () => {
    const said = faults({ JWT_SECRET: "too-short-to-sign", OPENAI_BASE_URL: "user:pass@host" });
    expect(said).toMatch(/JWT_SECRET: each secret needs at least 32/);
    expect(said).not.toMatch(/too-short-to-sign|user:pass/);
  });

  const CLUSTER = {
    NATS_URL: "nats://127.0.0.1:4222",
    POSTGRES_URL: "postgres://mj@127.0.0.1/mj",
    MONGO_URL: "mongodb://127.0.0.1/mj",
    REDIS_URL: "redis://127.0.0.1",
    JWT_SECRET: "s".repeat(32),
  };

  test.each(["NATS_URL", "POSTGRES_URL", "MONGO_URL", "REDIS_URL"] as const)(
    "without %s the other servers are half a cluster, which is refused",
    (name) => {
      expect(faults({ ...CLUSTER, [name]: "" })).toMatch(
        new RegExp(`${name}: must be set as well: a cluster needs`),
      );
      expect(faults({ [name]: CLUSTER[name], JWT_SECRET: CLUSTER.JWT_SECRET })).toMatch(/3 variables are/);
    },
  );

  test("a cluster needs the secret that all its processes share, and takes any services there are", () => {
    expect(faults({ ...CLUSTER, JWT_SECRET: "" })).toMatch(/JWT_SECRET: must be set in a cluster/);
    expect(faults({ ...CLUSTER, SERVICES: "api,agent" })).toBe("");
    expect(faults({ ...CLUSTER, SERVICES: "api,banana" })).toMatch(/There are: api,users,/);
    expect(readEnvironment(CLUSTER).cluster).toMatchObject({
      nats: CLUSTER.NATS_URL,
      redis: CLUSTER.REDIS_URL,
    });
    expect(readEnvironment({}).cluster).toBeUndefined();
    expect(readEnvironment(CLUSTER).cluster?.s3).toBeUndefined();
    const replica = { POSTGRES_REPLICA_URL: "postgres://mj@127.0.0.1:5433/mj" };
    expect(readEnvironment(CLUSTER).cluster?.postgresReplica).toBeUndefined();
    expect(readEnvironment({ ...CLUSTER, ...replica }).cluster?.postgresReplica).toContain(":5433/mj");
    expect(readEnvironment({ ...CLUSTER, S3_URL: "http://k:s@127.0.0.1/b" }).cluster?.s3).toContain("/b");
  });

  test("what only a cluster uses is refused and not ignored", () => {
    expect(faults({ S3_URL: "http://k:s@127.0.0.1/b" })).toMatch(/S3_URL: is used with NATS_URL only/);
    expect(faults({ POSTGRES_REPLICA_URL: "postgres://mj@127.0.0.1/mj" })).toMatch(
      /POSTGRES_REPLICA_URL: is used with NATS_URL only/,
    );
    expect(faults({ NATS_CREDS: "/tmp/creds" })).toMatch(/NATS_CREDS: is used with NATS_URL only/);
  });

  test("some services without the others are refused with the reason, all of them are what it does anyway", () => {
    expect(faults({ SERVICES: "api,agent" })).toMatch(
      /SERVICES: without NATS_URL .* cannot be started apart/,
    );
    expect(faults({ SERVICES: "api,banana" })).toMatch(/SERVICES: names a service that there is not/);
    expect(faults({ SERVICES: "api, users, quota, sessions, agent, tools, nodes" })).toBe("");
  });

  test("blanks, line ends and quotes that come along with a value are no part of it", () => {
    const env = readEnvironment({
      OPENAI_API_KEY: '"sk-canary" ',
      ANTHROPIC_API_KEY: "'sk-ant'\r",
      OPENAI_BASE_URL: '"http://127.0.0.1:1/v1"\r\n',
      DEFAULT_MODEL: "openai/m\r",
      MODELS: "'openai/m, openai/n'\r",
      PORT: '"3001"',
    });
    expect(env).toMatchObject({
      OPENAI_API_KEY: "sk-canary",
      ANTHROPIC_API_KEY: "sk-ant",
      OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
      DEFAULT_MODEL: "openai/m",
      MODELS: ["openai/m", "openai/n"],
      PORT: 3001,
    });
    const secret = `"${"s".repeat(40)}"`;
    expect(readEnvironment({ JWT_SECRET: secret }).JWT_SECRET).toEqual([secret]);
  });

  test("a character that cannot be seen, or looks like another, is shown; of a secret nothing else", () => {
    expect(faults({ DEFAULT_MODEL: "openai/m\u00a0x" })).toContain('(it is "openai/m\\u{a0}x")');
    expect(faults({ DEFAULT_MODEL: "open\u200bai m" })).toContain("\\u{200b}");
    const said = faults({
      OPENAI_API_KEY: "sk-ca\u200bnary",
      GEMINI_API_KEY: "“gem”",
      ANTHROPIC_API_KEY: "a\nb",
    });
    expect(said).toContain(
      "OPENAI_API_KEY: has a character that no key has (the character U+200B at place 6)",
    );
    expect(said).toContain(
      "GEMINI_API_KEY: has a character that no key has (the character U+201C at place 1)",
    );
    expect(said).toContain("ANTHROPIC_API_KEY: has a character that no key has (a line end at place 2)");
    expect(said).not.toMatch(/sk-ca|gem”/);
  });

  test("OpenAI-compatible servers may have names of their own", () => {
    const env = readEnvironment({
      OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
      OPENAI_BASE_URL_OPENROUTER: "https://openrouter.ai/api/v1",
      OPENAI_API_KEY_OPENROUTER: '"sk-or"\r',
      OPENAI_BASE_URL_LAB_2: "http://10.0.0.2:8000/v1",
    });
    expect(env.OPENAI_SERVERS).toEqual([
      { name: "lab_2", baseUrl: "http://10.0.0.2:8000/v1" },
      { name: "openrouter", baseUrl: "https://openrouter.ai/api/v1", apiKey: "sk-or" },
    ]);
    expect(readEnvironment({}).OPENAI_SERVERS).toEqual([]);
  });

  test.each([
    [{ OPENAI_API_KEY_GROQ: "sk-canary" }, /OPENAI_BASE_URL_GROQ: must say where the server is/],
    [{ OPENAI_BASE_URL_X: "nowhere" }, /OPENAI_BASE_URL_X: must be an http/],
    [{ OPENAI_BASE_URL_GEMINI: "http://h/v1" }, /"gemini" is the name of another provider/],
    [
      { OPENAI_BASE_URL_groq: "http://h/v1" },
      /OPENAI_BASE_URL_groq: the name of a server is written in capital/,
    ],
    [{ "OPENAI_BASE_URL_A-B": "http://h/v1" }, /OPENAI_BASE_URL_A-B: the name of a server/],
    [
      { OPENAI_BASE_URL_X: "http://h/v1", OPENAI_API_KEY_X: "sk canary" },
      /OPENAI_API_KEY_X: .*a blank at place 3/,
    ],
  ])("a server that cannot be used is told with its variable: %j", (source, words) => {
    expect(faults(source as Record<string, string>)).toMatch(words);
    expect(faults(source as Record<string, string>)).not.toContain("canary");
  });

  test("proxies are read as other programs write them", () => {
    const env = readEnvironment({ https_proxy: "proxy:3128", HTTPS_PROXY: "http://loses", no_proxy: "a,b" });
    expect(env).toMatchObject({ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "a,b" });
    expect(env.HTTP_PROXY).toBeUndefined();
    expect(readEnvironment({ ALL_PROXY: "http://all:1" })).toMatchObject({
      HTTPS_PROXY: "http://all:1",
      HTTP_PROXY: "http://all:1",
    });
    expect(readEnvironment({ ALL_PROXY: "socks5://all:1" }).HTTPS_PROXY).toBeUndefined();
    expect(faults({ HTTPS_PROXY: "ftp://user:canary@h" })).toMatch(/HTTPS_PROXY: must be an http/);
    expect(faults({ HTTPS_PROXY: "ftp://user:canary@h" })).not.toContain("canary");
  });

  test("a local model gets longer for its first word, unless the limit of silence was set", () => {
    expect(readEnvironment({})).toMatchObject({ MODEL_IDLE_S: 60, MODEL_LOAD_S: 180 });
    expect(readEnvironment({ MODEL_IDLE_S: "2" })).toMatchObject({ MODEL_IDLE_S: 2, MODEL_LOAD_S: 2 });
    expect(readEnvironment({ MODEL_IDLE_S: "2", MODEL_LOAD_S: "9" }).MODEL_LOAD_S).toBe(9);
  });

  test("the metrics have a port of their own", () => {
    expect(readEnvironment({ METRICS_PORT: "0", PORT: "0" }).METRICS_PORT).toBe(0);
    expect(faults({ METRICS_PORT: "3000" })).toContain("METRICS_PORT: must be another port than PORT");
  });

  test("what only a server would refuse does not keep a client from talking to one", () => {
    const source = { REDIS_URL: "redis://other-program", SANDBOX: "maybe", MACJARVIS_URL: "http://h:1" };
    expect(readClientEnvironment(source).MACJARVIS_URL).toBe("http://h:1");
    expect(() => readClientEnvironment({ PORT: "x" })).toThrow(/PORT/);
  });

  test("brackets around an IPv6 address are understood, and only addresses of this machine are loopback", () => {
    expect(readEnvironment({ HOST: "[::1]" }).HOST).toBe("::1");
    for (const host of ["localhost", "::1", "[::1]", "127.0.0.1", "127.8.9.1"])
      expect(isLoopback(host)).toBe(true);
    for (const host of ["127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1"])
      expect(isLoopback(host)).toBe(false);
  });
});
