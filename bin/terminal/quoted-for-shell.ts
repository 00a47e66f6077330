// A word for a command that a person copies into a shell.

/** The word as it is where a shell takes it so, else in single quotes. */
export function quotedForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
