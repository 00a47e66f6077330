// Reads the output of `git diff --numstat -z` (git-diff(1), Other diff formats). Pure; run by read-diff.ts.

export type DiffFile = {
  path: string;
  /** Where a renamed file was before. */
  original_path?: string;
  /** Lines; null for a binary file. */
  added: number | null;
  deleted: number | null;
};

/** A file in conflict is printed twice, with its lines the second time. `1 TAB 2 TAB name NUL`, and of a renamed file `1 TAB 2 TAB NUL old NUL new NUL`. */
export function parseNumstat(output: string): DiffFile[] {
  const files = new Map<string, DiffFile>();
  const entries = output.split("\0").values();
  for (const entry of entries) {
    const [, added, deleted, name] = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(entry) ?? [];
    if (name === undefined) continue;
    const lines = { added: numberOf(added), deleted: numberOf(deleted) };
    if (name !== "") files.set(name, { path: name, ...lines });
    else {
      const [original_path, path] = [entries.next().value ?? "", entries.next().value ?? ""];
      if (path !== "") files.set(path, { path, original_path, ...lines });
    }
  }
  return [...files.values()];
}

const numberOf = (text: string | undefined) => (text === undefined || text === "-" ? null : Number(text));
