// Freezing: while the file is there, this Mac runs nothing for anybody. Whoever serves looks at each call and watches it besides,
// so that what runs ends within a second.
import { existsSync, type FSWatcher, readFileSync, rmSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { writeText } from "./stored.ts";

/** What calls are asked with (mac-node/calls). */
export type Freezer = {
  /** Looked at anew each time. */
  isFrozen(): boolean;
  /** Since when; the beginning of time where that is not known, undefined when it is not frozen. */
  frozenSince(): Date | undefined;
  /** Told within a second of each freezing. @returns what ends the telling */
  onFreeze(listener: () => void): () => void;
  /** Told within a second of each thawing. @returns what ends the telling */
  onThaw(listener: () => void): () => void;
};

/** Where a file system tells of no changes. */
const LOOK_EVERY_MS = 500;

/** The one of a process that serves; `stop` ends its watching. */
export class FileFreezer implements Freezer {
  readonly #path: string;
  readonly #listeners = new Set<() => void>();
  readonly #thawListeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  /** Which file was there at the last look: one that is new since is another freezing. */
  #seen: string | undefined;

  /** @param path of a file in a folder that is there */
  constructor(path: string) {
    this.#path = path;
    this.#seen = this.#mark();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.#watch();
  }

  isFrozen(): boolean {
    return existsSync(this.#path);
  }

  frozenSince(): Date | undefined {
    const since = frozenSince(this.#path);
    return since === "unknown" ? new Date(0) : since;
  }

  onFreeze(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onThaw(listener: () => void): () => void {
    this.#thawListeners.add(listener);
    return () => this.#thawListeners.delete(listener);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#listeners.clear();
    this.#thawListeners.clear();
  }

  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(this.#path)) this.#look();
      });
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // Too many watchers on this machine: the timer looks all the same.
    }
  }

  #look(): void {
    const mark = this.#mark();
    const was = this.#seen;
    this.#seen = mark;
    if (mark === was) return;
    for (const listener of mark === undefined ? this.#thawListeners : this.#listeners) listener();
  }

  #mark(): string | undefined {
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.ino} ${stats.ctimeNs}`;
  }
}

/** @returns whether it was not frozen before */
export function freeze(path: string, now: Date = new Date()): boolean {
  if (existsSync(path)) return false;
  writeText(path, now.toISOString());
  return true;
}

/** @returns whether it was frozen */
export function thaw(path: string): boolean {
  const was = existsSync(path);
  rmSync(path, { force: true });
  return was;
}

/** Since when, as far as it is known; undefined when it is not frozen. */
export function frozenSince(path: string): Date | "unknown" | undefined {
  try {
    const at = new Date(readFileSync(path, "utf8").trim());
    return Number.isNaN(at.getTime()) ? "unknown" : at;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unknown";
  }
}
