// What a call means on this machine now, and what of it has changed since somebody was asked (G6).

import type { Bound, BoundPlace, BoundScript } from "../../contracts/bound.ts";
import { ANY_HOST, hostOf } from "../../contracts/hosts.ts";
import type { Tool } from "../../contracts/tools.ts";
import { boundaryOf, type FileAccess } from "../../lib/files/boundary.ts";
import { pathsIn } from "../../lib/tools/path-arguments.ts";
import { idOfFolder, placeOf } from "./places.ts";
import { scriptsOf } from "./scripts.ts";

export type BindingSettings = {
  access: FileAccess;
  /** What `~` means to a command. */
  userHome: string;
  /** Where commands start that name no folder. */
  workFolder: string;
  /** Told of what a tool throws where nobody waits for it. */
  stray(error: Error): void;
};

/** Hosts one call may send to: a question that names more is one nobody reads. */
const MOST_HOSTS = 50;

/**
 * Opens nothing but what the arguments name, runs nothing, looks no name up.
 * @param args checked by the tool's schema
 * @throws Error when the tool does not say properly where it sends or what it runs
 */
export async function bind(tool: Tool, args: unknown, settings: BindingSettings): Promise<Bound> {
  const hosts = hostsOf(tool, args);
  const told = tool.runs?.(args);
  const runs = told && { ...told, folder: told.folder ?? settings.workFolder };
  const paths = [...new Set([...pathsIn(tool.parameters, args), ...(runs ? [runs.folder] : [])])];
  if (paths.length === 0) return { hosts, places: [], scripts: [] };
  const boundary = await boundaryOf(settings.access, "look");
  const places = await Promise.all(paths.map((path) => placeOf(boundary, path, settings.access.home)));
  const folder = runs && places.find(({ path }) => path === runs.folder)?.real;
  if (!runs || !folder) return { hosts, places, scripts: [] };
  const scripts = await scriptsOf(boundary, { ...runs, folder, home: settings.userHome });
  return { hosts, places, scripts };
}

function hostsOf({ name, egress }: Tool, args: unknown): string[] {
  if (!egress) return [];
  const given: unknown = egress(args);
  if (!Array.isArray(given) || given.length > MOST_HOSTS)
    throw new Error(`The tool "${name}" must say where it sends as a list of at most ${MOST_HOSTS} hosts.`);
  const hosts = given.map((host: unknown) => (host === ANY_HOST ? host : hostOf(String(host))));
  if (hosts.includes(undefined)) throw new Error(`The tool "${name}" names something that is no host.`);
  return [...new Set(hosts as string[])].toSorted();
}

/** What changed between the question and now, in words; undefined when it is all as it was. */
export async function driftOf(before: Bound, now: Bound): Promise<string | undefined> {
  const host = now.hosts.find((each) => !before.hosts.includes(each));
  if (host !== undefined) return `it would send to ${host} now`;
  for (const [index, place] of before.places.entries()) {
    const drift = await driftOfPlace(place, now.places[index]);
    if (drift) return drift;
  }
  return driftOfScripts(before.scripts, now.scripts);
}

async function driftOfPlace(before: BoundPlace, now: BoundPlace | undefined): Promise<string | undefined> {
  const led = (real: string | null | undefined) => real ?? "a place that tools may not see";
  if (before.real !== now?.real)
    return `"${before.path}" led to ${led(before.real)}, and leads to ${led(now?.real)} now`;
  if (before.folder === null || (await idOfFolder(before.folder)) === before.id) return undefined;
  return `the folder ${before.folder} was replaced by another one`;
}

function driftOfScripts(before: BoundScript[], now: BoundScript[]): string | undefined {
  for (const { path, sha256 } of before) {
    const same = now.find((script) => script.path === path);
    if (!same) return `the program ${path} is gone`;
    if (same.sha256 !== sha256) return `the program ${path} was changed`;
  }
  const more = now.find(({ path }) => !before.some((script) => script.path === path));
  return more && `the program ${more.path} was not there`;
}
