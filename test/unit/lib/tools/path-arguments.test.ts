import { expect, test } from "@jest/globals";
import { z } from "zod";
import { checkTool } from "../../../../lib/tools/check-tool.ts";
import { markPath, pathsIn } from "../../../../lib/tools/path-arguments.ts";

const path = () => markPath(z.string().describe("A path"));

test("marked arguments are found, also optional ones, those with a default, and in lists", () => {
  const schema = z.strictObject({
    from: path(),
    to: path().optional(),
    where: path().default("."),
    paths: z.array(path()),
    text: z.string(),
  });
  const args = schema.parse({ from: "a", paths: ["b", "c"], text: "d" });
  expect(pathsIn(schema, args)).toEqual(["a", ".", "b", "c"]);
});

test("a plugin's JSON Schema marks paths by their format", () => {
  const { parameters } = checkTool(
    {
      name: "a_plugin",
      description: "Does.",
      risk: "write",
      runsOn: "node",
      execute: async () => ({ ok: true }),
      parameters: {
        type: "object",
        properties: {
          file: { type: "string", format: "path" },
          files: { type: "array", items: { type: "string", format: "path" } },
          text: { type: "string" },
        },
        required: ["file"],
      },
    },
    "plugins",
  );
  expect(pathsIn(parameters, parameters.parse({ file: "a", files: ["b"], text: "c" }))).toEqual(["a", "b"]);
  expect(pathsIn(parameters, parameters.parse({ file: "a" }))).toEqual(["a"]);
});
