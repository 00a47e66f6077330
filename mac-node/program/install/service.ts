// What this system starts at login and keeps running: which file, which commands. launchd.ts and systemd.ts are the two there are.
import type { NodeFolder } from "../folder.ts";

export type ServiceSettings = {
  /** Of the user: where the file goes. */
  userHome: string;
  userId: number;
  userName: string;
  folder: NodeFolder;
  /** Absolute paths: the Node that runs it, and the program's first file. */
  executable: string;
  /** For Node. */
  flags: readonly string[];
  program: string;
};

/** A command, and whether the rest makes no sense without it. */
export type ServiceCommand = { argv: string[]; mayFail?: boolean };

export type SystemService = {
  /** The file that describes it, and what is in it. */
  path: string;
  text: string;
  install: ServiceCommand[];
  uninstall: ServiceCommand[];
  /** After the file is gone. */
  afterwards: ServiceCommand[];
  /** Ends well while it runs. */
  check: string[];
};

/**
 * For Node: on a machine that mostly waits, a young generation of one megabyte, code that is compiled only when it is really hot, and
 * collecting as soon as it pays keep forty megabytes free (docs/decisions/2026-11-30-macs.md). `npm run node` has the same.
 */
export const NODE_FLAGS = ["--max-semi-space-size=1", "--efficiency-mode", "--optimize-for-size"];
/** What it is started with: told from a person's `serve` by how it ends (a revoked Mac is not started again). */
export const SERVICE_ARGUMENTS = ["serve", "--service"];
