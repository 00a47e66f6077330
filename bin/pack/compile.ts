// JavaScript of files of ours, by the compiler, for where Node does not strip types itself: older versions of it, and node_modules.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * @param files paths from the root of the repository; what they import is written too
 * @param more settings of the compiler besides
 * @param take what is to be kept of the folder that the compiler wrote, which is gone afterwards
 */
export function compile(
  root: string,
  files: readonly string[],
  more: Record<string, unknown>,
  take: (written: string) => void,
): void {
  const work = mkdtempSync(join(tmpdir(), "macjarvis-pack-"));
  try {
    const config = join(work, "tsconfig.json");
    const written = join(work, "out");
    const compilerOptions = {
      ...{ noEmit: false, outDir: written, rootDir: root, target: "es2024" },
      rewriteRelativeImportExtensions: true,
      typeRoots: [join(root, "node_modules/@types")],
      ...more,
    };
    const settings = {
      extends: join(root, "tsconfig.json"),
      compilerOptions,
      include: [],
      files: files.map((file) => join(root, file)),
    };
    writeFileSync(config, JSON.stringify(settings));
    execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    take(written);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
