// What can go wrong with a file, in words that the model can act on. Thrown on the way to a file, a result for whoever called.
import type { ToolResult } from "../../contracts/tools.ts";

export type FileProblemCode =
  | "approval_required"
  | "bad_archive"
  | "binary"
  | "cancelled"
  | "changed"
  | "encoding_unsure"
  | "exists"
  | "failed"
  | "invalid_path"
  | "invalid_pattern"
  | "is_directory"
  | "no_space"
  | "not_a_directory"
  | "not_a_file"
  | "not_allowed"
  | "not_empty"
  | "not_found"
  | "not_in_encoding"
  | "not_unique"
  | "other_volume"
  | "permission_denied"
  | "read_only"
  | "text_not_found"
  | "too_large"
  | "too_many_open_files";

/** An expected failure of a file operation; `fileResult` makes the tool's result of it. */
export class FileProblem extends Error {
  readonly code: FileProblemCode;

  constructor(code: FileProblemCode, message: string) {
    super(message);
    this.name = "FileProblem";
    this.code = code;
  }
}

type Words = [FileProblemCode, string];
const SYSTEM_ERRORS: Record<string, Words> = {
  ENOENT: ["not_found", "does not exist"],
  EACCES: ["permission_denied", "cannot be used: the system denies access to it"],
  EPERM: ["permission_denied", "cannot be used: the system does not permit it"],
  EROFS: ["read_only", "lies on a volume that is read-only"],
  ENOSPC: ["no_space", "cannot be written: the volume is full"],
  EDQUOT: ["no_space", "cannot be written: the disk quota is used up"],
  EFBIG: ["too_large", "would become larger than the system allows"],
  EISDIR: ["is_directory", "is a directory, not a file"],
  ENOTDIR: ["not_a_directory", "is not a directory, or lies below something that is none"],
  ENOTEMPTY: ["not_empty", "is a directory that is not empty"],
  EEXIST: ["exists", "exists already"],
  ELOOP: ["changed", "was replaced by a symbolic link while it was being opened; try again"],
  ENXIO: ["not_a_file", "is not a regular file"],
  ENAMETOOLONG: ["invalid_path", "is too long for a path"],
  EINVAL: ["invalid_path", "is not a path that the system accepts"],
  EILSEQ: ["invalid_path", "has characters that the volume does not accept"],
  EXDEV: ["other_volume", "lies on another volume"],
  EMFILE: ["too_many_open_files", "cannot be opened now: too many files are open; try again later"],
  ENFILE: ["too_many_open_files", "cannot be opened now: too many files are open; try again later"],
};

/** The system's own code of an error (`ENOENT` …), or undefined when it is none of the system's. */
export function systemCodeOf(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === "string" && syscall !== undefined ? code : undefined;
}

/** Whether the error is a FileProblem of one of these codes. */
export function isProblem(error: unknown, ...codes: FileProblemCode[]): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === "FileProblem" && codes.some((wanted) => wanted === code);
}

/** The problem behind whatever was thrown; undefined for a fault in our own code. `path` as the caller named it. */
export function problemOf(error: unknown, path: string): FileProblem | undefined {
  const { name } = (error ?? {}) as { name?: unknown };
  if (name === "FileProblem") return error as FileProblem;
  if (name === "AbortError" || name === "TimeoutError") {
    return new FileProblem("cancelled", "The call was stopped before it was done.");
  }
  const systemCode = systemCodeOf(error);
  if (systemCode === undefined) return undefined;
  const [code, words] = SYSTEM_ERRORS[systemCode] ?? ["failed", `cannot be used (${systemCode})`];
  return new FileProblem(code, `"${path}" ${words}.`);
}

/**
 * Runs a file tool's work: what it gives becomes `data`, an expected failure becomes `error`.
 * @param path as the caller named it, for the words of a system error
 * @throws what is neither a FileProblem, an abort nor a system error: a fault of ours
 */
export async function fileResult(path: string, work: () => Promise<unknown>): Promise<ToolResult> {
  try {
    return { ok: true, data: await work() };
  } catch (error: unknown) {
    const problem = problemOf(error, path);
    if (!problem) throw error;
    return { ok: false, error: { code: problem.code, message: problem.message } };
  }
}
