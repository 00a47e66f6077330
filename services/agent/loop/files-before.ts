// What stands in the files that a step's questions are about, for whoever answers them. Loaded with the first question.
import { type FileBefore, writtenFile } from "../../../contracts/file-before.ts";
import type { CallDocument } from "../run-document.ts";
import type { Turn } from "./turn.ts";

/** Files that are read for the questions of one step, all at once: nobody reads more differences either. */
const MOST_FILES = 16;
/** Then the question says that the machine did not answer. */
const LIMIT_MS = 5_000;

/** The calls as they are asked about, those that write into a file with what stands in it. Never rejects. */
export function withFiles(
  { agent, caller }: Pick<Turn, "agent" | "caller">,
  questions: CallDocument[],
): Promise<CallDocument[]> {
  const writing = questions.filter((call) => call.node_id !== null && writtenFile(call) !== undefined);
  const read = new Set(writing.slice(0, MOST_FILES));
  return Promise.all(
    questions.map(async (call): Promise<CallDocument> => {
      const { node_id, session_id } = call;
      const path = writtenFile(call);
      if (!read.has(call) || node_id === null || path === undefined) return call;
      const before = await agent
        .ask(caller, "tools.fileBefore", { path, node_id, session_id }, { timeout: LIMIT_MS })
        .catch((): FileBefore => ({ state: "no_answer", read_at: new Date().toISOString() }));
      return { ...call, before };
    }),
  );
}
