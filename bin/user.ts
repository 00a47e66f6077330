// `npm run user`: accounts from the command line, through the admin routes of the server.
import { readClientEnvironment } from "../lib/env.ts";
import { toError } from "../lib/errors.ts";
import { coloursFor } from "./terminal/colours.ts";
import { Screen } from "./terminal/screen.ts";
import { Server } from "./terminal/server.ts";
import { serverAccess } from "./terminal/server-access.ts";
import { ownTexts } from "./terminal/texts.ts";
import { readArguments, type UserArguments } from "./user/arguments.ts";
import { run } from "./user/run.ts";

const texts = ownTexts();

async function user(wanted: UserArguments): Promise<number> {
  const access = serverAccess(readClientEnvironment(process.env), texts);
  if (access.keyProblem && wanted.command !== "help") throw new Error(access.keyProblem);
  const screen = new Screen(process.stdout, process.stderr, texts);
  return run({ server: new Server(access, texts), screen }, wanted);
}

function tell(thrown: unknown): void {
  process.stderr.write(`${coloursFor(process.stderr).red(texts.said(toError(thrown).message))}\n`);
}

function main(argv: string[]): Promise<number> {
  let wanted: UserArguments;
  try {
    wanted = readArguments(argv, texts);
  } catch (thrown) {
    tell(thrown);
    return Promise.resolve(2);
  }
  return user(wanted).catch((thrown: unknown) => {
    tell(thrown);
    return 1;
  });
}

// Whoever read our output is gone (`| head`): there is nobody left to tell.
process.stdout.on("error", () => process.exit());
process.exitCode = await main(process.argv.slice(2));
process.exit();
