#!/usr/bin/env node
// `npm run node`: the program of a Mac (macOS or Linux) that is paired with a server. Small: no database, no gateway.
import "./node/for-node-22.ts";
import { readNodeEnvironment } from "../lib/env.ts";
import { askServer } from "../mac-node/program/ask-server.ts";
import { nodeFolder } from "../mac-node/program/folder.ts";
import { NodeProblem } from "../mac-node/program/problem.ts";
import { type NodeArguments, readArguments } from "./node/arguments.ts";
import { openServe } from "./node/open-serve.ts";
import { inOwnName } from "./node/own-name.ts";
import { run } from "./node/run.ts";
import { wordsOf } from "./node/words.ts";
import { coloursFor } from "./terminal/colours.ts";
import { ownTexts } from "./terminal/texts.ts";

const NOT_UNDERSTOOD = 2;
const REVOKED = 3;

const texts = ownTexts();
const say = (line: string) => void process.stdout.write(`${inOwnName(line)}\n`);
const note = (line: string) => void process.stderr.write(`${inOwnName(line)}\n`);
const tell = (thrown: unknown) => note(coloursFor(process.stderr).red(wordsOf(thrown, texts)));

async function main(argv: string[]): Promise<number> {
  let wanted: NodeArguments;
  try {
    wanted = readArguments(argv, texts);
  } catch (thrown) {
    tell(thrown);
    return NOT_UNDERSTOOD;
  }
  try {
    const env = readNodeEnvironment(process.env);
    const folder = nodeFolder(env.MACJARVIS_NODE_HOME);
    const colours = coloursFor(process.stdout);
    return await run({ folder, env, texts, colours, ask: askServer, openServe, say, note }, wanted);
  } catch (thrown) {
    tell(thrown);
    return thrown instanceof NodeProblem && thrown.problem.kind === "revoked" ? REVOKED : 1;
  }
}

// Whoever read our output is gone (`| head`): there is nobody left to tell.
process.stdout.on("error", () => process.exit());
process.exitCode = await main(process.argv.slice(2));
process.exit();
