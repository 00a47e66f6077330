import { describe, expect, test } from "@jest/globals";
import picocolors from "picocolors";
import { banner } from "../../../bin/start/banner.ts";
import { type Facts, reachableUrl } from "../../../bin/start/facts.ts";
import { PLAIN } from "../../../bin/terminal/colours.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";
import { textsFor } from "../../../bin/terminal/texts.ts";
import { listFaults } from "../../../plugins/models/provider-names.ts";

const DEMO = { id: "demo/demo", provider: "demo", available: true, context_window: 1, price: null };
const FACTS: Facts = {
  url: "http://127.0.0.1:3000",
  isPublic: false,
  home: "/home/ada/.macjarvis",
  models: [DEMO],
  defaultModel: "demo/demo",
  modelFaults: [],
  tools: 12,
  roots: ["/home/ada"],
  sandbox: "on",
  hostTools: "owner",
  registration: "open",
  prefix: "",
  problems: [],
};
const shown = (facts: Partial<Facts> = {}) => banner({ ...FACTS, ...facts }, { colours: PLAIN });

describe("the banner", () => {
  test("names the address, the folder and the next command, and nothing is missing", () => {
    const text = shown();
    expect(text).toContain("http://127.0.0.1:3000\n");
    expect(text).toContain("/home/ada/.macjarvis");
    expect(text).toContain('npm run chat -- "How full is my disk?"');
    expect(text).not.toContain("!");
  });

  test("the demo model is named as a stand-in, with the variables of a real one", () => {
    expect(shown()).toMatch(
      /demo\/demo, a small rule-based stand-in[\s\S]*OPENAI_API_KEY[\s\S]*OPENAI_BASE_URL/,
    );
    const real = shown({ models: [{ ...DEMO, id: "openai/gpt-4o" }, DEMO], defaultModel: "openai/gpt-4o" });
    expect(real).toContain("openai/gpt-4o");
    expect(real).not.toContain("stand-in");
  });

  test.each([80, 40])(
    "at %d columns what is said is broken between words, commands stay whole",
    (columns) => {
      const facts = {
        isPublic: true,
        registration: "invite" as const,
        roots: ["/srv/one/folder", "/srv/another/folder"],
      };
      for (const texts of [textsFor("en"), textsFor("zh")]) {
        const text = banner(
          { ...FACTS, ...facts, prefix: "MACJARVIS_URL=http://h:1 " },
          { colours: PLAIN, texts, columns },
        );
        const wide = text.split("\n").filter((line) => widthOf(line) >= columns);
        expect(
          wide.filter((line) => !line.includes("npm run chat -- ") && !line.includes("npm run doctor")),
        ).toEqual([]);
        expect(text.replaceAll(/\s+/g, "")).toContain("OPENAI_API_KEY");
        expect(text).toContain(`npm run chat -- "${texts.start.question}"\n`);
      }
    },
  );

  test("a sandbox that cannot start is shown with the command that installs it", () => {
    const text = shown({ sandbox: "unavailable", sandboxProblem: "Run: sudo apt-get install bubblewrap" });
    expect(text).toMatch(/! {2}No sandbox.*sudo apt-get install bubblewrap/);
  });

  test("what is dangerous is said loudly", () => {
    expect(shown({ sandbox: "off" })).toContain("!! SANDBOX=off");
    expect(shown({ hostTools: "all" })).toContain("!! HOST_TOOLS=all");
    expect(shown({ isPublic: true, registration: "open" })).toContain("!! REGISTRATION=open");
    expect(shown({ isPublic: true, registration: "invite" })).toMatch(/plain HTTP[\s\S]*Nobody can register/);
    expect(shown({ problems: ["the disk of /data is full"] })).toContain("!! Not ready: the disk of /data");
  });

  test("names in MODELS and FALLBACK_MODELS that no provider has are said", () => {
    const modelFaults = listFaults({ MODELS: ["openai/x"], FALLBACK_MODELS: ["demo/demo", "opnai/y"] });
    expect(shown({ modelFaults })).toContain(
      '!! FALLBACK_MODELS names opnai/y, and there is no provider "opnai": use openai,',
    );
    expect(modelFaults).toHaveLength(1);
  });

  test("a default model that cannot be used is said with its reason", () => {
    const models = [{ ...DEMO, id: "openai/x", available: false, reason: "set OPENAI_API_KEY" }];
    expect(shown({ models, defaultModel: "openai/x" })).toContain(
      "openai/x cannot be used: set OPENAI_API_KEY",
    );
  });

  test("what is wrong with other model servers is said besides", () => {
    const own = "the server of openai refuses connections: start it";
    const models = [{ ...DEMO, id: "openai/x", available: false, reason: own }];
    const text = shown({
      models,
      defaultModel: "openai/x",
      serverFaults: [own, "the server of lab hangs: look"],
    });
    expect(text).toContain("openai/x, cannot be used now");
    expect(text).toContain("The server of lab hangs: look.");
    expect(text.match(/server of openai/g)).toHaveLength(1);
  });

  test("says where Prometheus reads, when it may", () => {
    expect(shown()).not.toContain("Metrics");
    expect(shown({ metricsUrl: "http://127.0.0.1:9/metrics" })).toContain("http://127.0.0.1:9/metrics");
  });

  test("the next command finds a server that is elsewhere", () => {
    expect(shown({ prefix: "MACJARVIS_HOME=/tmp/x " })).toContain("MACJARVIS_HOME=/tmp/x npm run chat --");
    expect(reachableUrl("http://0.0.0.0:3000")).toBe("http://127.0.0.1:3000");
    expect(reachableUrl("http://[::]:80")).toBe("http://[::1]:80");
  });

  test("speaks Chinese, in columns that are as wide as they look", () => {
    const facts = { ...FACTS, sandbox: "unavailable", isPublic: true, registration: "invite" } as const;
    const text = banner(facts, { colours: PLAIN, texts: textsFor("zh") });
    expect(text).toContain("  MacJarvis 正在运行\n");
    expect(text).toMatch(/\n {2}地址 {4}http.*\n {2}数据 {4}\/home.*\n {2}模型 {4}demo/);
    expect(text).toContain("沙箱    不可用");
    expect(text).toContain('npm run chat -- "磁盘用了多少？"');
    expect(text).toContain("npm run user -- create <邮箱>");
  });

  test("colours change nothing but colours", () => {
    const coloured = banner(FACTS, { colours: picocolors.createColors(true) });
    expect(coloured).not.toBe(shown());
    expect(coloured.replaceAll(/\x1b\[\d+m/g, "")).toBe(shown());
  });
});
