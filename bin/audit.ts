// `npm run audit`: proves that nobody has changed the audit trail, keeps its end for a later proof, shows what is in it (G31).
import { type OpenAudit, openAudit, TrailRemoved } from "../lib/embedded/open-audit.ts";
import { type Environment, readEnvironment } from "../lib/env.ts";
import { toError } from "../lib/errors.ts";
import { readArguments } from "./audit/arguments.ts";
import { head } from "./audit/head.ts";
import { fromFile, fromServer } from "./audit/macs-chain.ts";
import { show } from "./audit/show.ts";
import { verify } from "./audit/verify.ts";
import { verifyNode } from "./audit/verify-node.ts";
import { Server } from "./terminal/server.ts";
import { serverAccess } from "./terminal/server-access.ts";
import { ownTexts } from "./terminal/texts.ts";

const texts = ownTexts();

/** Of the data folder, or of the cluster when its servers are set. */
async function openTrail({ cluster, JWT_SECRET = [], MACJARVIS_HOME }: Environment): Promise<OpenAudit> {
  if (!cluster) return openAudit(MACJARVIS_HOME);
  const { openClusterAudit } = await import("../lib/cluster/postgres/open-audit.ts");
  return openClusterAudit(cluster.postgres, JWT_SECRET, MACJARVIS_HOME);
}

// Nobody reads any more (`| head`): the exit code answers all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  const wanted = readArguments(process.argv.slice(2), texts);
  if (wanted.command === "help") process.stdout.write(texts.audit.help);
  else {
    const env = readEnvironment(process.env);
    const { trail, seals, close } = await openTrail(env);
    if (wanted.command === "verify") {
      const { heads, node, chain } = wanted;
      process.exitCode = await verify(trail, heads, { seals, texts });
      const read = async () =>
        chain === undefined
          ? fromServer(new Server(serverAccess(env, texts), texts), node ?? "")
          : fromFile(chain, (why) => texts.audit.notAChain(chain, why));
      if (node !== undefined)
        process.exitCode = Math.max(process.exitCode, await verifyNode(trail, node, read, texts));
    }
    if (wanted.command === "head") await head(trail);
    if (wanted.command === "show") await show(trail, wanted);
    await close();
  }
} catch (thrown) {
  process.stderr.write(`${texts.said(toError(thrown).message)}\n`);
  process.exitCode = thrown instanceof TrailRemoved ? 1 : 2;
}
