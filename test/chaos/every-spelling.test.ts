// All actions × all spellings of their names as a path (G16): what test/flow/unnamed-paths.test.ts asks a seventh of.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spellingsOf } from "../support/path-spellings.ts";
import { type Gateway, startGateway } from "../support/unnamed-paths.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test("G16 a path that the route table does not name is 404 for every action that there is, in every spelling", async () => {
  expect(await gateway.wrongAnswers(gateway.names().flatMap(spellingsOf), ["GET", "POST"])).toEqual([]);
});
