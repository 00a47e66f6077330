// `serve`: serves this machine's tools until it is stopped, and says what happens meanwhile.

import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { crashAt } from "../../../lib/crash-points.ts";
import { ensureFolder } from "../../../lib/ensure-folder.ts";
import { openLog } from "../../../lib/log.ts";
import { catchStrays } from "../../../lib/tools/strays.ts";
import { JOURNAL_CRASH_POINTS } from "../../../mac-node/journal/crash-points.ts";
import { closeInherited } from "../../../mac-node/processes/inherited.ts";
import { LogFile } from "../../../mac-node/program/log-file.ts";
import { NodeProblem } from "../../../mac-node/program/problem.ts";
import { type ServeEvent, serveNode } from "../../../mac-node/program/serve-node.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import { clock } from "../clock.ts";
import { onSignal } from "../on-signal.ts";
import type { ExitCode, Room } from "../room.ts";
import { wordsOf } from "../words.ts";

/**
 * @param isService started by the system: where nothing would be better with the next start it ends in order
 * @throws NodeProblem, among them `revoked`; whatever ended the bus
 */
export async function serve(room: Room, { isService }: { isService: boolean }): Promise<ExitCode> {
  const { folder, env, ask, texts } = room;
  closeInherited();
  catchStrays();
  // What is not paired makes no folder; the line is lost then.
  if (existsSync(folder.identity)) {
    ensureFolder(folder.log);
    // The bus and the tools are loaded behind this, and with the next start sooner: then all of it is taken (take-code-cache.cjs).
    ensureFolder(folder.codeCache);
    enableCompileCache(folder.codeCache);
  }
  const log = await openLog(env.LOG_LEVEL, "json", { to: new LogFile(folder.log) });
  const { signal, end } = onSignal();
  const crash = crashAt(env.CRASH_AT, JOURNAL_CRASH_POINTS, folder.path, async () => undefined);
  try {
    await serveNode({
      ...{ folder, ask, log, signal },
      // What is not paired, or is served already, needs no bus.
      serve: async (given) => (await room.openServe())({ ...given, crash }),
      tell: (event) => tell(room, event),
      wordsOf: (error) => wordsOf(error, texts),
    });
    room.note(texts.node.stopped);
    return 0;
  } catch (thrown) {
    log.error({ err: thrown }, "the serving ended");
    if (!isService || !(thrown instanceof NodeProblem) || !isForGood(thrown)) throw thrown;
    room.note(wordsOf(thrown, texts));
    return 0;
  } finally {
    end();
  }
}

/** To start again would change nothing. */
function isForGood({ problem }: NodeProblem): boolean {
  return problem.kind === "revoked" || problem.kind === "not_paired";
}

function tell(room: Room, event: ServeEvent): void {
  const { texts, note, say } = room;
  const words = texts.node;
  const now = (what: string, at = new Date()) => note(words.stateAt(clock(at), what));
  switch (event.kind) {
    case "begun": {
      const { name, owner, server } = event.identity;
      say(words.serving(visibleLine(name), visibleLine(owner), server));
      if (event.isFrozen) note(words.isFrozen);
      if (!event.policy.ok) tellFaults(room, event.policy.faults);
      break;
    }
    case "state":
      now(words.state[event.state.state], event.state.since);
      break;
    case "trouble":
      now(event.error ? words.trouble(wordsOf(event.error, texts)) : words.troubleOver);
      break;
    case "policy":
      if (event.policy.ok) now(words.policyRead);
      else tellFaults(room, event.policy.faults);
      break;
    case "frozen":
      now(words.nowFrozen);
      break;
    case "stopping":
      note(words.stopping);
      break;
  }
}

function tellFaults({ texts, note }: Room, faults: string[]): void {
  note(texts.node.policyDamaged);
  for (const fault of faults) note(`  ${texts.said(fault)}`);
}
