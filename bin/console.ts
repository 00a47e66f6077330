// `npm run console`: prints a link that signs a browser in to the console, with a code that works once and for ten minutes.
import type { SignInCode } from "../contracts/users.ts";
import { readClientEnvironment } from "../lib/env.ts";
import { toError } from "../lib/errors.ts";
import { coloursFor } from "./terminal/colours.ts";
import { consoleLink } from "./terminal/console-link.ts";
import { parseOptions } from "./terminal/parse-options.ts";
import { Server } from "./terminal/server.ts";
import { serverAccess } from "./terminal/server-access.ts";
import { ownTexts } from "./terminal/texts.ts";

const texts = ownTexts();
const words = texts.console;

async function console(args: string[]): Promise<void> {
  const { values, positionals } = parseOptions(
    args,
    { help: { type: "boolean", short: "h" } },
    texts,
    words.badOption,
  );
  if (positionals[0] !== undefined) throw new Error(words.noArguments(positionals[0]));
  if (values.help) {
    process.stdout.write(words.help);
    return;
  }
  const access = serverAccess(readClientEnvironment(process.env), texts);
  if (access.keyProblem) throw new Error(access.keyProblem);
  const { code } = await new Server(access, texts).json<SignInCode>("POST", "/users/sign-in-codes", {});
  // The link alone on standard output, for whoever passes it on.
  process.stdout.write(`${consoleLink(access.url, code)}\n`);
  process.stderr.write(`${words.once}\n`);
}

try {
  await console(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`${coloursFor(process.stderr).red(texts.said(toError(thrown).message))}\n`);
  process.exitCode = 1;
}
// Connections are kept alive for the next request; there is none.
process.exit();
