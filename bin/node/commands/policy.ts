// `policy`: shows the policy file, looks it through, and says how to write one.
import { existsSync, readFileSync } from "node:fs";
import type { Policy } from "../../../mac-node/policy/policy.ts";
import { readPolicy } from "../../../mac-node/policy/read-policy.ts";
import { cleanText } from "../../terminal/clean-text.ts";
import { quotedForShell } from "../../terminal/quoted-for-shell.ts";
import type { NodeArguments } from "../arguments.ts";
import type { ExitCode, Room } from "../room.ts";

type What = Extract<NodeArguments, { command: "policy" }>["what"];

/** What most people want to write first. */
const EXAMPLE = {
  tools: { deny: ["execute"] },
  roots: ["~/Documents", "~/Projects"],
  network: { hosts: ["*.example.com"] },
};

export async function policy(room: Room, what: What): Promise<ExitCode> {
  const { folder, texts, say, note } = room;
  const words = texts.node;
  const path = folder.policy;
  switch (what) {
    case "path":
      say(path);
      return 0;
    case "edit":
      say(words.policyEdit(path));
      say(JSON.stringify(EXAMPLE, null, 2));
      say(`\${EDITOR:-nano} ${quotedForShell(path)}`);
      return 0;
    case "show":
      if (!existsSync(path)) note(words.policyNone(path));
      else say(cleanText(readFileSync(path, "utf8").trimEnd()));
      return 0;
    case "check":
      return check(room);
  }
}

async function check({ folder, texts, say, note }: Room): Promise<ExitCode> {
  const words = texts.node;
  const path = folder.policy;
  const state = readPolicy(path);
  if (!state.ok) {
    note(words.policyFaults(path));
    for (const fault of state.faults) note(`  ${texts.said(fault)}`);
    return 1;
  }
  if (!state.isThere) {
    say(words.policyNone(path));
    return 0;
  }
  const unknown = await unknownIn(state.policy, folder.plugins);
  if (unknown.length > 0) note(words.policyUnknown(unknown.join(texts.commandLine.comma)));
  say(words.policyFine(path));
  return 0;
}

/** A name with a fault in a deny list would deny nothing, without a word. */
async function unknownIn({ tools, secrets, mcp = {} }: Policy, pluginFolder: string): Promise<string[]> {
  const named = [
    ...(tools?.allow ?? []),
    ...(tools?.deny ?? []),
    ...Object.values(secrets ?? {}).flatMap((secret) => secret.tools),
  ];
  if (named.length === 0) return [];
  const { findTools } = await import("../../../lib/tools/tool-plugins.ts");
  const { tools: found } = await findTools({ pluginFolder });
  const known = new Set(found.flatMap(({ described: { name, category } }) => [name, category]));
  for (const word of ["*", "read", "write", "execute"]) known.add(word);
  if (Object.keys(mcp).length > 0) known.add("mcp");
  // What tools a server has it says itself, when it runs.
  const ofServers = Object.keys(mcp).map((name) => `${name.replaceAll("-", "_")}_`);
  return [...new Set(named)].filter(
    (name) => !known.has(name) && !ofServers.some((prefix) => name.startsWith(prefix)),
  );
}
