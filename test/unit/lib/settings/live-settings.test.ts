import { describe, expect, test } from "@jest/globals";
import { overrides } from "../../../../contracts/config.ts";
import { SETTINGS } from "../../../../contracts/settings.ts";
import { readEnvironment } from "../../../../lib/env.ts";
import type { ConfigStore, StoredConfig } from "../../../../lib/ports/config.ts";
import { builtInSettings, defaultSettings } from "../../../../lib/settings/default-settings.ts";
import { LiveSettings } from "../../../../lib/settings/live-settings.ts";
import { knownOverrides } from "../../../../lib/settings/stored-overrides.ts";

/** Tells what the test says, as a store would. */
function follow(defaults = builtInSettings()) {
  const said: unknown[] = [];
  const settings = new LiveSettings(defaults, {
    warn: (...words: unknown[]) => void said.push(words),
  } as never);
  let tell: (stored: StoredConfig | undefined) => void = () => undefined;
  const watch: ConfigStore["watch"] = (listener) => {
    tell = listener;
    return Object.assign(() => undefined, { ready: Promise.resolve() });
  };
  const following = settings.follow({ watch } as ConfigStore);
  const set = (values: unknown) =>
    tell({ revision: 1, document: { id: "a", changed_at: "now", changed_by: "me", overrides: values } });
  return { settings, said, following, set, tell: (stored: StoredConfig | undefined) => tell(stored) };
}

describe("the settings of a process", () => {
  test("are what the environment says until something is overridden, and again when it is not any more", () => {
    const env = readEnvironment({ MAX_STEPS: "7", MODELS: "openai/a, openai/b", HOST: "0.0.0.0" });
    const { settings, set, tell } = follow(defaultSettings(env));
    expect(settings.now).toMatchObject({
      max_steps: 7,
      models: ["openai/a", "openai/b"],
      registration: "invite",
      default_model: null,
    });
    set({ max_steps: 3, default_model: "openai/c" });
    expect(settings.now).toMatchObject({ max_steps: 3, default_model: "openai/c", registration: "invite" });
    set({ default_model: "openai/c" });
    expect(settings.now.max_steps).toBe(7);
    tell(undefined);
    expect(settings.now).toEqual(defaultSettings(env));
  });

  test("take of a policy the risks that it names", () => {
    const { settings, set } = follow();
    set({ policy: { write: "deny" } });
    expect(settings.now.policy).toEqual({ read: "allow", write: "deny", execute: "ask" });
  });

  test("of an older or newer version: each setting by itself, and what does not hold is said without its value", () => {
    const { settings, said, set } = follow();
    set({ max_steps: "s3cret", run_deadline_s: 5, from_the_future: { a: 1 }, policy: { write: "maybe" } });
    expect(settings.now).toMatchObject({ max_steps: 25, run_deadline_s: 5 });
    expect(settings.now.policy).toEqual(builtInSettings().policy);
    const words = JSON.stringify(said);
    expect(words).toMatch(/max_steps.*default holds/);
    expect(words).toMatch(/from_the_future.*no setting of this version/);
    expect(words).not.toContain("s3cret");
  });

  test.each([undefined, null, [], "text", { overrides: [] }, { id: "a" }])(
    "what cannot be read (%j) leaves in force what holds, in words",
    (document) => {
      const { settings, said, set, tell } = follow();
      set({ registration: "closed" });
      tell({ revision: 2, document });
      expect(settings.now.registration).toBe("closed");
      expect(JSON.stringify(said)).toMatch(/cannot be read/);
    },
  );

  test("that are read are one object until one changes: reading costs a property", () => {
    const { settings, set } = follow();
    expect(settings.now).toBe(settings.now);
    const before = settings.now;
    set({ max_steps: 3 });
    expect(before.max_steps).toBe(25);
  });
});

describe("what may be overridden", () => {
  test("every setting says what it is and for what a change holds", () => {
    for (const [name, schema] of Object.entries(SETTINGS))
      expect([name, schema.description]).toEqual([name, expect.stringMatching(/: for .*(then on|offered)$/)]);
  });

  const many = <Value>(count: number, name: string, value: Value) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, value]));
  const price = { input_per_million: 1, output_per_million: 1 };

  test("there are as many prices and plans as one message takes, and no more", () => {
    const given = (more: number) => ({
      plan_limits: many(100 + more, "plan", { runs_per_day: 1 }),
      prices: many(1_000 + more, "openai/model-", price),
    });
    expect(overrides.safeParse(given(0)).success).toBe(true);
    expect(overrides.safeParse(given(1)).error?.issues.map(({ path }) => path[0])).toEqual([
      "plan_limits",
      "prices",
    ]);
  });

  test.each([
    { max_steps: 0 },
    { max_steps: 2.5 },
    { max_steps: "3" },
    { max_steps: null },
    { run_deadline_s: -1 },
    { run_deadline_s: 1e12 },
    { models: [] },
    { models: ["nonsense"] },
    { default_model: "" },
    { registration: "maybe" },
    { policy: { execute: "always" } },
    { policy: { unknown: "allow" } },
    { plan_limits: { free: { runs_per_day: -1 } } },
    { plan_limits: { free: { nonsense: 1 } } },
    { prices: { "openai/a": { input_per_million: -1, output_per_million: 1 } } },
    { prices: { "openai/a": { input_per_million: 1 } } },
    { JWT_SECRET: "x" },
  ])("refuses %j", (given) => {
    expect(overrides.safeParse(given).success).toBe(false);
    expect(knownOverrides(given)).toMatchObject({ overrides: {}, problems: [expect.any(String)] });
  });
});
