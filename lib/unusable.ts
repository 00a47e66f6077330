// What the system says of a file or a folder that cannot be used, in words for whoever starts the server.

const REASONS: Record<string, string> = {
  EEXIST: "it is a file",
  EISDIR: "it is a folder",
  ENOENT: "nothing can be made there",
  ENOTDIR: "a part of the path is a file",
  EACCES: "you may not write there",
  EPERM: "it belongs to another user",
  EROFS: "its disk can only be read",
  ENOSPC: "its disk is full",
  EDQUOT: "your share of its disk is full",
  EFBIG: "no file may grow that much there",
  EMFILE: "too many files are open",
  ENOLCK: "its disk (a network folder?) has no locks",
  ENOTSUP: "its disk (a network folder?) has no locks",
};

/** What the system's error code means; its message where it is none of the system's. */
export function reasonOfSystem(thrown: unknown): string {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  return REASONS[code] ?? (/^E[A-Z]+$/.test(code) ? code : message);
}

/**
 * @param what the file or folder, as it stands in the sentence
 * @param advice a sentence
 * @param reason where it is known; what the system's error code means unless given
 */
export function unusable(what: string, thrown: unknown, advice: string, reason?: string): Error {
  return new Error(`${what} cannot be used: ${reason ?? reasonOfSystem(thrown)}. ${advice}`, {
    cause: thrown,
  });
}
