// Reads the output of `git status --porcelain=v2 --branch --show-stash -z` into fields (git-status(1), Porcelain Format
// Version 2).

export type ChangedFile = {
  path: string;
  /** Where a renamed or copied file was before. */
  original_path?: string;
  state: "changed" | "renamed" | "copied" | "unmerged" | "untracked";
  /** What is staged: modified, added, deleted …; null when nothing is. */
  staged: string | null;
  /** What is not staged yet. */
  unstaged: string | null;
  /** It is a repository of its own; what is said is which of its commits is checked out. */
  submodule?: true;
};

export type GitStatus = {
  /** Null when no branch is checked out. */
  branch: string | null;
  /** Null before the first commit. */
  commit: string | null;
  upstream: string | null;
  /** Commits that the upstream does not have, and the other way round; null where there is nothing to compare. */
  ahead: number | null;
  behind: number | null;
  stashes: number;
  files: ChangedFile[];
};

const WORDS: Record<string, string> = {
  M: "modified",
  T: "type changed",
  A: "added",
  D: "deleted",
  R: "renamed",
  C: "copied",
  U: "unmerged",
};

/** What was printed before the middle was left out, without the entry that was cut there. */
export function wholeEntries(output: string): string {
  const [head = ""] = output.split(/\n… \d+ bytes left out …\n/, 1);
  return head.slice(0, head.lastIndexOf("\0") + 1);
}

export function parseStatus(output: string): GitStatus {
  const status: GitStatus = {
    branch: null,
    commit: null,
    upstream: null,
    ahead: null,
    behind: null,
    stashes: 0,
    files: [],
  };
  const entries = output.split("\0").values();
  for (const entry of entries) {
    if (entry.startsWith("# ")) readHeader(status, entry.slice(2));
    else if (entry.startsWith("? "))
      status.files.push({ path: entry.slice(2), state: "untracked", staged: null, unstaged: null });
    else if (/^[12u] /.test(entry)) status.files.push(readFile(entry, entries));
  }
  return status;
}

function readHeader(status: GitStatus, header: string): void {
  const space = header.indexOf(" ");
  const value = header.slice(space + 1);
  switch (header.slice(0, space)) {
    case "branch.oid":
      status.commit = value === "(initial)" ? null : value;
      return;
    case "branch.head":
      status.branch = value === "(detached)" ? null : value;
      return;
    case "branch.upstream":
      status.upstream = value;
      return;
    case "branch.ab": {
      const [, ahead, behind] = /^\+(\d+) -(\d+)$/.exec(value) ?? [];
      status.ahead = ahead === undefined ? null : Number(ahead);
      status.behind = behind === undefined ? null : Number(behind);
      return;
    }
    case "stash":
      status.stashes = Number(value);
  }
}

/** Fields before the path: 8 of a changed file, 9 of a renamed one (whose old path is the next entry), 10 of a conflict. */
const FIELDS: Record<string, number> = { "1": 8, "2": 9, u: 10 };

/** `R100` or `C75`: what happened, and how much is the same. */
const moved = (parts: string[]) => (parts[8]?.startsWith("C") ? "copied" : "renamed");

function readFile(entry: string, entries: Iterator<string>): ChangedFile {
  const kind = entry.slice(0, 1);
  const parts = entry.split(" ");
  const [, codes = "..", submodule = "N..."] = parts;
  const path = parts.slice(FIELDS[kind] ?? 8).join(" ");
  const word = (code: string | undefined) => (code === "." ? null : (WORDS[code ?? ""] ?? null));
  return {
    path,
    ...(kind === "2" ? { original_path: String(entries.next().value ?? "") } : {}),
    state: kind === "u" ? "unmerged" : kind === "2" ? moved(parts) : "changed",
    staged: word(codes[0]),
    unstaged: word(codes[1]),
    ...(submodule.startsWith("S") ? { submodule: true } : {}),
  };
}
