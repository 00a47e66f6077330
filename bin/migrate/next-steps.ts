// What the operator does before the first start of the cluster: what no store holds, and where it goes.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { quotedForShell } from "../terminal/quoted-for-shell.ts";
import type { Texts } from "../terminal/texts.ts";
import type { Settings } from "./settings.ts";

/** Of the process with `users`, where people and `npm run audit` look for keys. */
const KEYS = ["owner.key", "audit-key"];
/** Of the process with `node`: the journal of its calls, and plugins. */
const OF_NODE = ["node", "plugins"];

export function nextSteps({ home, secret, keepsTokens }: Settings, { migrate }: Texts): string {
  const there = (names: string[]) =>
    names
      .map((name) => join(home, name))
      .filter((path) => existsSync(path))
      .map(quotedForShell);
  const copy = (names: string[], to: string) =>
    `  mkdir -p "$${to}" && cp -Rp ${there(names).join(" ")} "$${to}"/`;
  const secretFile = quotedForShell(join(home, "jwt-secret"));
  return [
    migrate.next,
    ...(secret === undefined
      ? [migrate.secretAsBefore]
      : [migrate.secretIs, `  export JWT_SECRET="$(cat ${secretFile})"`]),
    ...(keepsTokens ? [] : [migrate.otherSecret]),
    migrate.keysGo,
    copy(KEYS, "HOME_OF_USERS"),
    migrate.nodeGoes,
    copy(OF_NODE, "HOME_OF_NODE"),
    migrate.marked(home),
  ].join("\n");
}
