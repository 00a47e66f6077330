// Adds text to the end of a file for append_file; changes of one file go one after the other.
import type { FileAccess } from "./boundary.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { openInPlace } from "./open-file.ts";
import { openPlace } from "./open-place.ts";

/** `bytes` added, and the size of the file then. */
export type Appended = { path: string; bytes: number; size: number };

/** @throws FileProblem as `openFile`; on `no_space` a part of the text may be in the file */
export async function appendText(
  access: FileAccess,
  path: string,
  text: string,
  create: boolean,
): Promise<Appended> {
  const place = await openPlace(access, path, { followLast: true });
  await using _directory = place.directory;
  return await oneAtATime(place.path, async () => {
    await using file = await openInPlace(place, { mode: "append", create });
    await file.handle.appendFile(text);
    await file.handle.sync();
    const { size } = await file.handle.stat();
    return { path: file.path, bytes: Buffer.byteLength(text), size };
  });
}
