// What is in a file that a user has uploaded: what it is, its text, or a picture of it as models take it. Strangers make such files, so
// they are read in processes of their own (lib/apart/run-apart.ts), in bounded time and memory. Never throws for what a file is.
import type { FileKind } from "../../contracts/files.ts";
import { runApart } from "../../lib/apart/run-apart.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { mediaTypeOf } from "./media-type.ts";
import type { PictureTask, ShownPicture } from "./picture-process.ts";
import type { ReadText, TextTask } from "./text-process.ts";

export type ReadUpload = {
  kind: FileKind;
  media_type: string;
  /** What models can read of it. */
  text?: Omit<ReadText, "media_type" | "kind" | "problem">;
  /** As models take it. */
  picture?: ShownPicture;
  /** Why neither is there. */
  problem?: { code: string; message: string };
};

/** The file: its first bytes, and open for the process that reads it. */
type Given = { head: Uint8Array; descriptor: number };
type Limits = { signal: AbortSignal; deadlineAt: number };

const TEXTS = new URL("./text-process.ts", import.meta.url);
const PICTURES = new URL("./picture-process.ts", import.meta.url);
/** Of all that reads one file: the process that asks may be a small one. */
const MEMORY_MB = 700;
/** What can be made a picture that models take. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/tiff"]);
/** Told by their first bytes, and looked into all the same. */
const LOOKED_INTO = new Set(["application/rtf", "application/x-cfb"]);

/**
 * @param most characters of text
 * @throws the reason of the signal when that is aborted
 */
export async function readUpload(
  { head, descriptor }: Given,
  most: number,
  limits: Limits,
): Promise<ReadUpload> {
  const known = mediaTypeOf(head);
  if (known !== undefined && SHOWN.has(known)) return readPicture(known, descriptor, limits);
  if (known !== undefined && !LOOKED_INTO.has(known)) return notRead(known);
  const file = { begins: beginOf(head), known, descriptor };
  return readText(file, most, limits);
}

async function readPicture(media_type: string, descriptor: number, limits: Limits): Promise<ReadUpload> {
  const image = { kind: "image" as const, media_type };
  try {
    const task: PictureTask = { media_type };
    const work = { module: PICTURES, task, descriptors: [descriptor], native: true, ...limits };
    return { ...image, picture: await runApart<ShownPicture>({ ...work, memoryMb: MEMORY_MB }) };
  } catch (thrown) {
    return { ...image, problem: problemOf(thrown) };
  }
}

/** What it seems to be, where its reader dies over it. */
function beginOf(head: Uint8Array): Pick<ReadUpload, "kind" | "media_type"> {
  const text = Buffer.from(head).toString("latin1");
  if (text.slice(0, 1_024).includes("%PDF-")) return { kind: "document", media_type: "application/pdf" };
  if (text.startsWith("PK\x03\x04")) return { kind: "other", media_type: "application/zip" };
  return { kind: "other", media_type: "application/octet-stream" };
}

type Readable = {
  begins: Pick<ReadUpload, "kind" | "media_type">;
  known: string | undefined;
  descriptor: number;
};

async function readText(
  { begins, known, descriptor }: Readable,
  most: number,
  limits: Limits,
): Promise<ReadUpload> {
  try {
    const task: TextTask = { most, until: limits.deadlineAt - LAST_LOOK_MS };
    const work = { module: TEXTS, task, descriptors: [descriptor], ...limits };
    const read = await runApart<ReadText>({ ...work, memoryMb: MEMORY_MB });
    const { kind, media_type, problem, ...text } = read;
    const file = known === undefined ? { kind, media_type } : asDocument(known);
    return problem ? { ...file, problem } : { ...file, text };
  } catch (thrown) {
    return { ...(known === undefined ? begins : asDocument(known)), problem: problemOf(thrown) };
  }
}

const asDocument = (media_type: string) => ({ kind: "document" as const, media_type });

/** Before the deadline, so that what was read by then is kept. */
const LAST_LOOK_MS = 5_000;

function notRead(media_type: string): ReadUpload {
  const problem = { code: "unsupported", message: "Its kind has no text or picture that a model takes." };
  return { kind: media_type.startsWith("image/") ? "image" : "other", media_type, problem };
}

function problemOf(thrown: unknown): { code: string; message: string } {
  if (!(thrown instanceof ToolFailure)) throw thrown;
  return { code: thrown.code, message: thrown.message };
}
