// Descriptors that the server got from whoever started it would be handed on to every command, past the sandbox: a folder among
// them is a way to the whole disk. Node closes those up to a gap in their numbers; these are the others.
import { closeSync, readdirSync, readFileSync } from "node:fs";

const CLOSE_ON_EXEC = 0o2000000;

/** Closes what a command would inherit, but for the three standard streams. Called once, before anything is opened. Linux only. */
export function closeInherited(): void {
  if (process.platform !== "linux" || process.channel) return;
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    if (descriptor > 2 && isInheritable(descriptor)) closeSync(descriptor);
  }
}

function isInheritable(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8");
    return (Number.parseInt(/flags:\s+(\d+)/.exec(info)?.[1] ?? "0", 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // It was the one that listed the folder.
    return false;
  }
}
