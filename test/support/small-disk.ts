// A disk of its own for a server, which can be filled to its last byte: root of a Linux can mount one in memory.
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notAsRoot, notOnLinux, type Obstacle } from "./unless.ts";

export const noSmallDisk: Obstacle = notOnLinux ?? notAsRoot ?? triedToMount();

const MEBIBYTE = 1_048_576;

/** Below the data of a server, mounted over its folder. */
export class SmallDisk {
  readonly #folder: string;
  readonly #ballast: string;

  /** @param data of a server that does not run */
  constructor(data: string, mebibytes: number) {
    this.#folder = data;
    this.#ballast = join(data, "ballast");
    const before = `${data}-before`;
    renameSync(data, before);
    mkdirSync(data);
    mount(data, mebibytes);
    // With owners and modes, also of the folder itself.
    execFileSync("cp", ["-a", `${before}/.`, data]);
    rmSync(before, { recursive: true });
  }

  /** Until nothing fits any more. */
  fill(): void {
    const file = openSync(this.#ballast, "a");
    for (const piece of [MEBIBYTE, 4_096]) {
      const bytes = Buffer.alloc(piece, 1);
      try {
        while (writeSync(file, bytes) === piece);
      } catch {
        // Full.
      }
    }
    closeSync(file);
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** With all that is on it. */
  remove(): void {
    execFileSync("umount", [this.#folder]);
  }
}

function mount(folder: string, mebibytes: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=755`, "tmpfs", folder], {
    stdio: "ignore",
  });
}

function triedToMount(): Obstacle {
  const folder = mkdtempSync(join(tmpdir(), "macjarvis-disk-"));
  try {
    mount(folder, 1);
    execFileSync("umount", [folder]);
    return undefined;
  } catch {
    return "no disk can be mounted here";
  } finally {
    rmdirSync(folder);
  }
}
