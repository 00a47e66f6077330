// The version of this program, for `--version` and for reports.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export function ownVersion(): string {
  const file = join(import.meta.dirname, "..", "..", "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
