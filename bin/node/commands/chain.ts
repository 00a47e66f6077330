// `chain export`: this Mac's own record of its calls as JSON lines, to be held against the server's audit trail elsewhere
// (`npm run audit -- verify --node <id> --chain <file>`).
import { join } from "node:path";
import { ChainFiles } from "../../../mac-node/chain/chain-files.ts";
import { pairedIdentity } from "../../../mac-node/program/identity.ts";
import type { ExitCode, Room } from "../room.ts";

const AT_ONCE = 1_000;

/** Also while the Mac serves. @throws NodeProblem `not_paired`, `damaged` */
export async function exportChain({ folder, say }: Room): Promise<ExitCode> {
  const { node_id } = pairedIdentity(folder);
  const files = await ChainFiles.open(join(folder.records, node_id));
  for (let from = 1; ; ) {
    const entries = await files.read(from, AT_ONCE);
    for (const entry of entries) say(JSON.stringify(entry));
    const last = entries.at(-1);
    if (!last || entries.length < AT_ONCE) return 0;
    from = last.seq + 1;
  }
}
