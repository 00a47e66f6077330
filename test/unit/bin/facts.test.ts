import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { banner } from "../../../bin/start/banner.ts";
import { factsOf } from "../../../bin/start/facts.ts";
import { PLAIN } from "../../../bin/terminal/colours.ts";
import { readEnvironment } from "../../../lib/env.ts";
import { nodeService } from "../../../mac-node/node.service.ts";
import { openModels } from "../../../plugins/models/registry.ts";
import { startTestBroker } from "../../support/test-broker.ts";

const home = mkdtempSync(join(tmpdir(), "macjarvis-facts-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("what a server says about itself", () => {
  test("the facts come from its own node, models and settings", async () => {
    const node = nodeService({
      home,
      journalFolder: join(home, "node"),
      roots: [home],
      sandbox: "off",
      pluginFolder: join(home, "plugins"),
    });
    const { broker, stop } = await startTestBroker([node], { home });
    try {
      const env = readEnvironment({
        MACJARVIS_HOME: home,
        SANDBOX: "off",
        TOOL_ROOTS: home,
        HOST: "0.0.0.0",
      });
      const facts = await factsOf({
        env,
        url: "http://0.0.0.0:3000",
        broker,
        ports: broker.core.ports,
        metricsUrl: undefined,
        models: openModels({}),
      });
      expect(facts).toMatchObject({
        url: "http://127.0.0.1:3000",
        isPublic: true,
        home,
        defaultModel: "demo/demo",
        roots: [home],
        sandbox: "off",
        registration: "invite",
        problems: [],
        prefix: `MACJARVIS_HOME=${home} `,
      });
      expect(facts.tools).toBeGreaterThan(0);
      expect(banner(facts, { colours: PLAIN })).toContain("!! SANDBOX=off");
    } finally {
      await stop();
    }
  });
});
