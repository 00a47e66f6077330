// Places where a test lets the program of a Mac die: right before a line of its journal is written, when it is on the disk, and when the copy
// of its entry in the chain's own files is there too.
import type { JournalRecord } from "./records.ts";

const KINDS: JournalRecord["kind"][] = ["seen", "process", "ended", "fenced"];
/** Lines that have an entry in the chain. */
const LINKED: JournalRecord["kind"][] = ["seen", "ended"];

export const JOURNAL_CRASH_POINTS = [
  ...KINDS.flatMap((kind) => [`${kind}.before`, `${kind}.written`]),
  ...LINKED.map((kind) => `${kind}.copied`),
];
