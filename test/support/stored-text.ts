// All files of a folder, as text, to look for what must be in none of them (G21).
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Every file of a folder. */
export async function textOfFolder(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")),
  );
  return texts.join("\n");
}
