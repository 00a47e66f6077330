// What the tools of the server cost in every prompt, needed or not.
import { expect, test } from "@jest/globals";
import { parametersForModel } from "../../../../lib/tools/check-tool.ts";
import { tokensOfTools } from "../../../../plugins/models/prices.ts";
import { loadServerTools } from "../../../../services/tools/server/load-tools.ts";

test("all of them together are less than 1,000 tokens of a prompt", async () => {
  const tools = (await loadServerTools()).map(({ name, description, parameters }) => ({
    ...{ name, description },
    parameters: parametersForModel(parameters),
  }));
  expect(tools.length).toBeGreaterThanOrEqual(7);
  expect(tokensOfTools(tools)).toBeLessThan(1_000);
});
