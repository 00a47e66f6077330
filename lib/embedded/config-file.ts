// The configuration of one process: `config.json` in its data folder, the last values in it, newest first. Made by the first change;
// the process is alone with its folder, so nobody else writes it while it runs.
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../errors.ts";
import { type ConfigStore, KEPT_CONFIGS, type StoredConfig } from "../ports/config.ts";
import type { Listening } from "../ports/signals.ts";
import { reportDefect } from "../report-defect.ts";
import { writeSecretFile } from "../secret-file.ts";
import { storeUnavailable } from "./sqlite-error.ts";

const FILE = "config.json";
const contents = z.object({
  values: z.array(z.object({ revision: z.int().min(1), document: z.unknown() })),
});
/** Of a file that cannot be read: it is replaced by the next change, and kept under another name. */
const UNREADABLE: StoredConfig = { revision: 0, document: undefined };

type Listener = (config: StoredConfig | undefined) => void;

/** @param home the data folder */
export function fileConfig(home: string): ConfigStore {
  const path = join(home, FILE);
  const listeners = new Set<Listener>();
  let values = readValues(path);
  return {
    read: async () => values[0],
    history: async () => values.filter(({ revision }) => revision > 0),
    async write(replaces, document) {
      const present = values[0]?.revision ?? 0;
      if (present !== replaces) throw new AppError("conflict");
      const value = { revision: present + 1, document };
      const next = [value, ...values.filter(({ revision }) => revision > 0)].slice(0, KEPT_CONFIGS);
      writeValues(path, next, values[0] === UNREADABLE);
      values = next;
      for (const listener of [...listeners]) tell(listener, value);
      return value.revision;
    },
    watch(listener): Listening {
      // Its own, so that the same function can be there twice.
      const mine: Listener = (config) => listener(config);
      listeners.add(mine);
      tell(mine, values[0]);
      return Object.assign(() => void listeners.delete(mine), { ready: Promise.resolve() });
    },
  };
}

function tell(listener: Listener, config: StoredConfig | undefined): void {
  try {
    listener(config);
  } catch (thrown) {
    reportDefect(thrown);
  }
}

function readValues(path: string): StoredConfig[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error: unknown) {
    return (error as { code?: unknown }).code === "ENOENT" ? [] : [UNREADABLE];
  }
  try {
    return contents.parse(JSON.parse(text)).values.map(({ revision, document }) => ({ revision, document }));
  } catch {
    return [UNREADABLE];
  }
}

function writeValues(path: string, values: StoredConfig[], keepsOld: boolean): void {
  try {
    if (keepsOld) renameSync(path, `${path}.unreadable`);
    writeSecretFile(path, JSON.stringify({ values }, undefined, 2));
  } catch (thrown) {
    throw storeUnavailable("the file of the configuration cannot be written", thrown);
  }
}
