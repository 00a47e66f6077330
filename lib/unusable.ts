// What the system says of a file or a folder that cannot be used, in words for whoever starts the server.

const REASONS: Record<string, string> = {
  EEXIST: "it is a file",
  EISDIR: "it is a folder",
  ENOENT: "nothing can be made there",
  ENOTDIR: "a part of the path is a file",
  EACCES: "you may not use it",
  EPERM: "it belongs to another user",
  EROFS: "its disk can only be read",
  ENOSPC: "its disk is full",
  EMFILE: "too many files are open",
};

/**
 * @param what the file or folder, as it stands in the sentence
 * @param advice a sentence
 * @param reason where it is known; what the system's error code means unless given
 */
export function unusable(what: string, thrown: unknown, advice: string, reason?: string): Error {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  const why = reason ?? REASONS[code] ?? (code === "" ? message : code);
  return new Error(`${what} cannot be used: ${why}. ${advice}`, { cause: thrown });
}
