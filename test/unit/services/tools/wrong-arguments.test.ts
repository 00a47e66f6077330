// What a model reads whose arguments do not fit: words, and an example that does fit, for every tool that there is.
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import type { NodeTool } from "../../../../contracts/tools.ts";
import { parametersForModel } from "../../../../lib/tools/check-tool.ts";
import { loadTools } from "../../../../lib/tools/tool-plugins.ts";
import { faultOf } from "../../../../services/tools/catalogue.ts";
import { loadServerTools } from "../../../../services/tools/server/load-tools.ts";
import { type JsonSchema, wrongValues } from "../../lib/wrong-values.ts";

const RAW = /invalid|too small|too big|expected|received|unrecognized|undefined|NaN|\\d|\(\?:/i;
const EXAMPLE = /\. Right is, for example: (\{.*\})$/s;

const withParameters = (parameters: Record<string, unknown>) => ({ name: "t", parameters }) as NodeTool;

describe("arguments that do not fit", () => {
  test("are answered with words and an example that fits, for every tool", async () => {
    const { tools: ofMachines } = await loadTools({ pluginFolder: "/nowhere", platform: "linux" });
    const tools = [...ofMachines, ...(await loadServerTools())];
    expect(tools.length).toBeGreaterThan(50);
    const bad: string[] = [];
    for (const { name, parameters } of tools) {
      const tool = withParameters(parametersForModel(parameters));
      for (const args of wrongValues(tool.parameters as JsonSchema)) {
        const fault = faultOf(tool, args);
        if (!fault || fault.faults.length === 0) continue;
        const example = EXAMPLE.exec(fault.message)?.[1];
        const fits = example !== undefined && parameters.safeParse(JSON.parse(example)).success;
        if (!fits || RAW.test(fault.message.replace(EXAMPLE, ""))) bad.push(`${name}: ${fault.message}`);
      }
    }
    expect(bad).toEqual([]);
  });

  test("of a plugin's date are answered with a date, not with the page-wide pattern behind it", () => {
    for (const schema of [z.iso.datetime(), z.iso.date(), z.email(), z.url(), z.uuid(), z.ipv4()]) {
      const tool = withParameters(parametersForModel(z.strictObject({ it: schema })));
      const words = faultOf(tool, { it: "nonsense" })?.message.replace(EXAMPLE, "") ?? "";
      expect(words).toMatch(/^it: must be an? .*, like \S+$/);
    }
  });

  test("of any schema that a plugin has get an example, or none where none can be made", () => {
    const properties = {
      when: { type: "string", format: "date-time" },
      mode: { anyOf: [{ type: "string", enum: ["fast", "slow"] }, { type: "null" }] },
      at: { type: "object", properties: { x: { type: "number", minimum: -5 } }, required: ["x"] },
      tags: { type: "array", items: { type: "string", minLength: 9 }, minItems: 2 },
    };
    const required = Object.keys(properties);
    const tool = withParameters({ type: "object", properties, required, additionalProperties: false });
    const fault = faultOf(tool, { when: "tomorrow", mode: "fast" });
    expect(fault?.message).toContain("when: must be a date and time in UTC, like 2026-01-31T12:00:00Z");
    expect(JSON.parse(EXAMPLE.exec(fault?.message ?? "")?.[1] ?? "{}")).toEqual({
      when: "2026-01-31T12:00:00Z",
      mode: "fast",
      at: { x: -5 },
      tags: ["exampleee", "exampleee"],
    });
    const odd = {
      type: "object",
      properties: { code: { type: "string", pattern: "^[A-Z]{3}$" } },
      required: ["code"],
    };
    expect(faultOf(withParameters(odd), {})?.message).toBe("code: is missing");
    expect(faultOf(withParameters(odd), { code: "x" })?.message).toBe("code: must fit /^[A-Z]{3}$/");
  });
});
