// Moves a file or folder into the system's trash by one rename: never a copy, and never over something that is there.
// Follows the FreeDesktop.org Trash specification 1.0 on Linux, and the layout of Finder on macOS.
import { randomBytes } from "node:crypto";
import { mkdir, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, parse, relative } from "node:path";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { isInside } from "../../../../lib/files/path-names.ts";
import { HeldDirectory } from "./held-directory.ts";
import { openPlace, type Place } from "./open-place.ts";
import { EXCLUSIVELY, madeAnew, release, reserve } from "./reserve-name.ts";

export type TrashSystem = {
  home: string;
  platform: NodeJS.Platform;
  uid: number;
  /** `$XDG_DATA_HOME`; `.local/share` in the home folder unless set. Linux only. */
  dataHome?: string | undefined;
};
export type Trashed = { path: string; trashed_to: string };

/** Where things go, and where the notes of their origin go (Linux only). `top` is the volume's top folder. */
type Trash = { files: HeldDirectory; info?: HeldDirectory; top: string | undefined };

const NAME_ATTEMPTS = 100;

/**
 * Moves what `path` names into the trash of the home folder, or of its own volume; a link is moved itself, not its target.
 * @throws FileProblem `not_found`, `not_allowed` (outside, hidden, or with a protected folder in it), `other_volume` when
 * its volume has no trash; nothing has moved then
 */
export async function moveToTrash(access: FileAccess, path: string, system: TrashSystem): Promise<Trashed> {
  const place = await openPlace(access, path, { purpose: "change", followLast: false });
  await using directory = place.directory;
  if (!place.stats) throw new FileProblem("not_found", `"${place.path}" does not exist.`);
  place.boundary.assertMovable(place.path);
  await using closing = new AsyncDisposableStack();
  const trash = await openTrash(system, directory, closing);
  if (isInside(place.path, trash.files.path)) {
    throw new FileProblem("not_allowed", `"${place.path}" has the trash itself in it; it stays.`);
  }
  return { path: place.path, trashed_to: await moveUnderFreeName(place, trash) };
}

async function openTrash(
  system: TrashSystem,
  directory: HeldDirectory,
  closing: AsyncDisposableStack,
): Promise<Trash> {
  const mac = system.platform === "darwin";
  const dataHome = mac ? undefined : system.dataHome;
  if (dataHome !== undefined) await mkdir(dataHome, { recursive: true, mode: 0o700 });
  const home = closing.use(await openReal(dataHome ?? system.home));
  const atHome = mac ? [".Trash"] : dataHome ? ["Trash"] : [".local", "share", "Trash"];
  let trash = home;
  let top: string | undefined;
  if (home.stats.dev === directory.stats.dev) {
    for (const name of atHome) trash = closing.use(await openOrMake(trash, name));
  } else {
    top = await topOfVolume(directory.path, directory.stats.dev);
    trash = await openVolumeTrash(closing.use(await openReal(top)), system, closing);
  }
  if (mac) return { files: trash, top };
  const files = closing.use(await openOrMake(trash, "files"));
  return { files, info: closing.use(await openOrMake(trash, "info")), top };
}

async function openVolumeTrash(
  top: HeldDirectory,
  { platform, uid }: TrashSystem,
  closing: AsyncDisposableStack,
): Promise<HeldDirectory> {
  try {
    const trash = platform === "darwin" ? await finderTrash(top, uid) : await desktopTrash(top, uid, closing);
    if (trash) return closing.use(trash);
  } catch (error: unknown) {
    if (systemCodeOf(error) === undefined) throw error;
  }
  throw new FileProblem(
    "other_volume",
    `The volume "${top.path}" has no trash that can be used; nothing was moved.`,
  );
}

/**
 * `$top/.Trashes/$uid`. The former may be entered and not read, so it is never opened itself. Volumes without a sticky bit (FAT,
 * exFAT) give everything to the user.
 */
async function finderTrash(top: HeldDirectory, uid: number): Promise<HeldDirectory | undefined> {
  const shared = await top.look(".Trashes");
  const isUsable = shared?.isDirectory() && ((shared.mode & 0o1000) !== 0 || shared.uid === uid);
  return isUsable ? openOrMake(top, `.Trashes/${uid}`) : undefined;
}

/** `$top/.Trash/$uid` where an administrator has made the former (sticky, no link), else `$top/.Trash-$uid`. */
async function desktopTrash(
  top: HeldDirectory,
  uid: number,
  closing: AsyncDisposableStack,
): Promise<HeldDirectory | undefined> {
  const shared = await top.look(".Trash");
  if (shared?.isDirectory() && (shared.mode & 0o1000) !== 0)
    return openOrMake(closing.use(await top.child(".Trash")), String(uid));
  const own = await openOrMake(top, `.Trash-${uid}`);
  if (own.stats.uid === uid) return own;
  await own[Symbol.asyncDispose]();
  return undefined;
}

async function openReal(path: string): Promise<HeldDirectory> {
  const real = await realpath(path);
  return HeldDirectory.open(real, real);
}

/** A link in the place of a trash folder is refused: it could lead the file to anywhere. */
async function openOrMake(parent: HeldDirectory, name: string): Promise<HeldDirectory> {
  try {
    await mkdir(parent.entry(name), 0o700);
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "EEXIST") throw error;
  }
  try {
    return await parent.child(name);
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    const folder = join(parent.path, name);
    // macOS guards ~/.Trash from programs that nobody has allowed to see it.
    if (code === "EPERM")
      throw new FileProblem(
        "permission_denied",
        `The system does not let MacJarvis into the trash "${folder}": allow it Full Disk Access in System Settings, Privacy & Security. Nothing was moved.`,
      );
    if (code !== "ELOOP" && code !== "ENOTDIR") throw error;
    throw new FileProblem(
      "not_allowed",
      `The trash folder "${folder}" is a link or no folder; nothing was moved.`,
    );
  }
}

async function topOfVolume(path: string, device: number): Promise<string> {
  let top = path;
  while (dirname(top) !== top && (await stat(dirname(top))).dev === device) top = dirname(top);
  return top;
}

async function moveUnderFreeName(place: Place, trash: Trash): Promise<string> {
  const { directory, name, boundary } = place;
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt += 1) {
    const candidate = attempt === 0 ? shortened(name) : otherName(name);
    const note = `${candidate}.trashinfo`;
    if (trash.info && !(await makeNote(trash.info, note, place.path, trash.top))) continue;
    let reserved = false;
    try {
      reserved = await reserve(trash.files, candidate, place.stats?.isDirectory() === true);
      if (reserved) {
        await directory.assertAllowed(boundary);
        await rename(directory.entry(name), trash.files.entry(candidate));
        return join(trash.files.path, candidate);
      }
      if (trash.info) await unlink(trash.info.entry(note));
    } catch (error: unknown) {
      if (reserved) await release(trash.files, candidate, place.stats?.isDirectory() === true);
      if (trash.info) await unlink(trash.info.entry(note));
      throw error;
    }
  }
  throw new FileProblem("exists", `The trash has too many things named "${name}"; nothing was moved.`);
}

/** `report.pdf` → `report 3f9a2c01.pdf`. */
const otherName = (name: string) => shortened(name, ` ${randomBytes(4).toString("hex")}`);

/** Bytes of a name that leave room for `.trashinfo` behind it. */
const NAME_BYTES = 245;
/** A longer ending is no file type but part of the name. */
const ENDING_BYTES = 20;

/** The name with `addition` before its ending, its stem cut so that it and the name of its note fit the volume. */
function shortened(name: string, addition = ""): string {
  const { name: stem, ext } = parse(name);
  const ending = Buffer.byteLength(ext) > ENDING_BYTES ? "" : ext;
  let begin = [...(ending === ext ? stem : name)];
  const bytes = () => Buffer.byteLength(begin.join("") + addition + ending);
  while (bytes() > NAME_BYTES) begin = begin.slice(0, -1);
  return begin.join("") + addition + ending;
}

/** False when the name has a note already. */
async function makeNote(
  info: HeldDirectory,
  note: string,
  path: string,
  top: string | undefined,
): Promise<boolean> {
  const origin = top === undefined ? path : relative(top, path);
  const date = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  const text = `[Trash Info]\nPath=${origin.split("/").map(encodeURIComponent).join("/")}\nDeletionDate=${date}\n`;
  return madeAnew(async () => {
    await using file = await open(info.entry(note), EXCLUSIVELY, 0o600);
    await file.writeFile(text);
    await file.sync();
  });
}
