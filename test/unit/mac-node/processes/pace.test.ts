import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { pace } from "../../../../mac-node/processes/pace.ts";
import { waitFor } from "../../../support/wait-for.ts";

const MEBIBYTE = Buffer.alloc(1_048_576);

test("G25 what prints without end has to wait again and again, what prints a little never, and nothing is lost", async () => {
  const stream = new PassThrough();
  let read = 0;
  let rests = 0;
  stream.on("data", (chunk: Buffer) => {
    read += chunk.length;
  });
  pace(stream);
  stream.on("pause", () => {
    rests += 1;
  });
  for (let sent = 0; sent < 7; sent += 1) stream.write(MEBIBYTE);
  await waitFor("what came first", () => read === 7 * MEBIBYTE.length);
  expect(rests).toBe(0);
  for (let sent = 0; sent < 5; sent += 1) stream.write(MEBIBYTE);
  stream.end();
  await waitFor("all of it", () => read === 12 * MEBIBYTE.length);
  expect(rests).toBeGreaterThanOrEqual(4);
});
