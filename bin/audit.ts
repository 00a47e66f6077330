// `npm run audit`: proves that nobody has changed the audit trail, keeps its end for a later proof, shows what is in it (G31).
import { openAudit, TrailRemoved } from "../lib/embedded/open-audit.ts";
import { readEnvironment } from "../lib/env.ts";
import { toError } from "../lib/errors.ts";
import { readArguments } from "./audit/arguments.ts";
import { head } from "./audit/head.ts";
import { show } from "./audit/show.ts";
import { verify } from "./audit/verify.ts";
import { ownTexts } from "./terminal/texts.ts";

const texts = ownTexts();

// Nobody reads any more (`| head`): the exit code answers all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  const wanted = readArguments(process.argv.slice(2), texts);
  if (wanted.command === "help") process.stdout.write(texts.audit.help);
  else {
    const { trail, seals, close } = openAudit(readEnvironment(process.env).MACJARVIS_HOME);
    if (wanted.command === "verify") process.exitCode = await verify(trail, wanted.heads, { seals, texts });
    if (wanted.command === "head") await head(trail);
    if (wanted.command === "show") await show(trail, wanted);
    await close();
  }
} catch (thrown) {
  process.stderr.write(`${texts.said(toError(thrown).message)}\n`);
  process.exitCode = thrown instanceof TrailRemoved ? 1 : 2;
}
