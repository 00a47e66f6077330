// `secret`: keeps, lists and removes the secrets of this machine. A value comes through standard input or is typed unseen.
import { text } from "node:stream/consumers";
import { readPolicy } from "../../../mac-node/policy/read-policy.ts";
import { SecretStore } from "../../../mac-node/secrets/secret-store.ts";
import { longDate } from "../../terminal/format.ts";
import type { NodeArguments } from "../arguments.ts";
import { askHidden } from "../ask-hidden.ts";
import type { ExitCode, Room } from "../room.ts";

type Wanted = Extract<NodeArguments, { command: "secret" }>;

/** @throws NodeProblem; Error in words of the keychain */
export async function secret(room: Room, wanted: Wanted): Promise<ExitCode> {
  const { folder, texts, say, note } = room;
  const words = texts.node;
  const store = new SecretStore(folder.secrets);
  switch (wanted.what) {
    case "list": {
      const secrets = store.list();
      if (secrets.length === 0) note(words.secretsNone);
      for (const { name, setAt } of secrets) say(`${name}  ${longDate(setAt)}`);
      return 0;
    }
    case "remove": {
      const was = await store.remove(wanted.name);
      if (was) say(words.secretRemoved(wanted.name));
      else note(words.secretNone(wanted.name));
      return was ? 0 : 1;
    }
    case "set":
      return set(room, store, wanted.name);
  }
}

async function set({ folder, texts, say, note }: Room, store: SecretStore, name: string): Promise<ExitCode> {
  const words = texts.node;
  const value = process.stdin.isTTY
    ? await askHidden(words.secretPrompt(name))
    : (await text(process.stdin)).replace(/\r?\n$/, "");
  if (value === undefined || value === "") {
    note(words.secretNoValue);
    return 1;
  }
  const bad = await store.set(name, value);
  if (bad) {
    note(words.badSecret[bad]);
    return 1;
  }
  say(words.secretSet(name));
  const policy = readPolicy(folder.policy);
  if (policy.ok && !Object.hasOwn(policy.policy.secrets ?? {}, name)) say(words.secretTools(name));
  return 0;
}
