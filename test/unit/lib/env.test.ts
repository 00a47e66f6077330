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

  test.each(["NATS_URL", "NATS_CREDS", "POSTGRES_URL", "MONGO_URL", "REDIS_URL", "S3_URL"])(
    "%s is refused and not ignored: there is no cluster yet",
    (name) => {
      expect(faults({ [name]: "nats://127.0.0.1:4222" })).toMatch(
        new RegExp(`${name}: this version runs in one process.*Unset it`),
      );
    },
  );

  test("some services without the others are refused with the reason, all of them are what it does anyway", () => {
    expect(faults({ SERVICES: "api,agent" })).toMatch(
      /SERVICES: without NATS_URL .* cannot be started apart/,
    );
    expect(faults({ SERVICES: "api,banana" })).toMatch(/SERVICES: must be api, users, .* or nodes/);
    expect(faults({ SERVICES: "api, users, quota, sessions, agent, tools, nodes" })).toBe("");
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
