import { expect, test } from "@jest/globals";
import { Describing } from "../../../../../services/tools/hub/describing.ts";

test("a Mac is asked what it can do when it comes, and nobody is any more once the hub is closed", async () => {
  const asked: string[] = [];
  const describing = new Describing({
    look: () => ({ instance: "one", seq: 1 }),
    describe: async (nodeId) => void asked.push(nodeId),
    failed: () => undefined,
  });
  describing.heard("nod_1");
  expect(asked).toEqual(["nod_1"]);
  describing.stop();
  describing.heard("nod_2");
  expect(asked).toEqual(["nod_1"]);
});
