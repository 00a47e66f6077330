// `join`: pairs this machine, and goes on to serve.
import { hostname } from "node:os";
import { serverUrl } from "../../../mac-node/program/ask-server.ts";
import { readAuthorities } from "../../../mac-node/program/authorities.ts";
import { pair } from "../../../mac-node/program/pair.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import { ownVersion } from "../../terminal/own-version.ts";
import type { NodeArguments } from "../arguments.ts";
import { clock } from "../clock.ts";
import { onSignal } from "../on-signal.ts";
import type { ExitCode, Room } from "../room.ts";
import { serve } from "./serve.ts";

type Wanted = Extract<NodeArguments, { command: "join" }>;

/** @throws NodeProblem; nothing is kept then */
export async function join(room: Room, wanted: Wanted): Promise<ExitCode> {
  const { folder, ask, texts, say } = room;
  const { node: words } = texts;
  const authorities = wanted.ca === undefined ? {} : { authorities: readAuthorities(wanted.ca) };
  const access = { url: serverUrl(wanted.url), ...authorities };
  const name = wanted.name ?? ownName();
  room.note(words.pairing(access.url));
  const { signal, end } = onSignal();
  try {
    const identity = await pair({
      ...{ folder, access, ask, name, signal },
      code: wanted.code,
      version: ownVersion(),
      waiting: (shown) => showFingerprint(room, { ...shown, name, url: access.url }),
    });
    say(words.paired(visibleLine(identity.name), visibleLine(identity.owner), identity.server));
  } finally {
    end();
  }
  if (wanted.serves) return serve(room, { isService: false });
  say(words.serveNext);
  return 0;
}

/** `studio.local` is `studio` to everybody. */
function ownName(): string {
  return (
    hostname()
      .replace(/\.local$/, "")
      .slice(0, 100) || process.platform
  );
}

/** Large and clear: this is what keeps somebody else's key out. */
function showFingerprint(
  { texts: { node }, colours, say }: Room,
  shown: { fingerprint: string; expiresAt: Date; name: string; url: string },
): void {
  const rows = [
    [node.platform, process.platform],
    [node.name, visibleLine(shown.name)],
    [node.fingerprint, colours.bold(shown.fingerprint)],
  ] as const;
  const width = Math.max(...rows.map(([label]) => label.length));
  say("");
  for (const [label, value] of rows) say(`    ${label.padEnd(width)}   ${value}`);
  say("");
  say(node.compare(shown.url, clock(shown.expiresAt)));
}
