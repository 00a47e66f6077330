import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { freePort } from "../../../../bin/cluster/servers/free-port.ts";
import { type Program, startProgram } from "../../../../bin/cluster/servers/start-program.ts";
import { waitFor } from "../../../support/wait-for.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-program-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Ends in the given number of starts, as one whose port somebody else has just taken; then it serves. */
const program = (fails: number): Program & { keptIn: string } => ({
  name: "a server",
  version: "1",
  file: process.execPath,
  args: () => [
    "-e",
    `const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
     appendFileSync("starts", "x");
     if (readFileSync("starts").length <= ${fails}) throw new Error("EADDRINUSE");
     writeFileSync("serves", "");
     setInterval(() => {}, 1_000);`,
  ],
  url: ({ port }) => `test://127.0.0.1:${port}`,
  serves: async (place) => existsSync(join(place.folder, "serves")),
  endsBy: "SIGTERM",
  keptIn: folder,
});

test("a death before it serves is no death of what ran: it is started anew, and nobody is told", async () => {
  const onDeath = jest.fn();
  const server = await startProgram({ ...program(2), onDeath });
  expect(onDeath).not.toHaveBeenCalled();
  await server.stop();
  expect(onDeath).not.toHaveBeenCalled();
});

test("one that never comes to serve is thrown with what it said", async () => {
  const onDeath = jest.fn();
  await expect(startProgram({ ...program(9), onDeath })).rejects.toThrow(/did not start:.*EADDRINUSE/s);
  expect(onDeath).not.toHaveBeenCalled();
});

test("a death of one that serves is told once, and a kill of our own is not", async () => {
  const onDeath = jest.fn();
  const server = await startProgram({ ...program(0), onDeath });
  process.kill(server.pid, "SIGKILL");
  await waitFor("it is told", () => onDeath.mock.calls.length > 0);
  await rm(join(folder, "serves"));
  await server.restart();
  await server.kill();
  await server.restart();
  await server.stop();
  expect(onDeath).toHaveBeenCalledTimes(1);
});

test("one that is listened to is on the port that was asked for, and what it says comes line by line, also its last words", async () => {
  const said: string[] = [];
  const port = await freePort();
  const speaking: Program = {
    ...program(0),
    args: (place) => ["-e", `console.log("on ${place.port}\\nready"); setInterval(() => {}, 1_000)`],
    serves: async () => said.includes("ready"),
  };
  const server = await startProgram({ ...speaking, keptIn: folder, port, onLine: (line) => said.push(line) });
  expect(said).toEqual([`on ${port}`, "ready"]);
  expect(server.port).toBe(port);
  await server.stop();
  expect(readdirSync(folder)).not.toContain("log");
  const failing = { ...speaking, args: () => ["-e", 'console.error("EADDRINUSE"); process.exit(1)'] };
  said.length = 0;
  await expect(
    startProgram({ ...failing, keptIn: folder, port, onLine: (line) => said.push(line) }),
  ).rejects.toThrow(/did not start:\nEADDRINUSE/);
  expect(said).toEqual(["EADDRINUSE"]);
});
