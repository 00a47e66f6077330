// Runs of all users: which there are, what was done in one, and how it is ended or given to another process.

import type { ParamsOf } from "../../../contracts/actions.ts";
import type { AdminRun, JournalCall, JournalStep } from "../../../contracts/admin-runs.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import { fitLine } from "../../terminal/fit-line.ts";
import { count, dollars, duration, longDate, shortArguments, shortDate } from "../../terminal/format.ts";
import type { Screen } from "../../terminal/screen.ts";
import type { Texts } from "../../terminal/texts.ts";
import { accountOf } from "../accounts.ts";
import { Patience } from "../patience.ts";
import type { Command, Room } from "../room.ts";
import { line, shortProcess, table } from "../show.ts";

/** Another process takes it in its next sweep; should there be none, its former owner does after ten seconds. */
const TAKEN_MS = 30_000;
const MOST = 100;

const list: Command = {
  name: "runs list",
  options: { user: "value", status: "value" },
  async run(room, { options: { user, status }, texts }) {
    const account = typeof user === "string" ? await accountOf(room, user, texts) : undefined;
    const wanted = {
      limit: MOST,
      ...(account ? { user_id: account.id } : {}),
      ...(status === undefined ? {} : { status }),
    } as ParamsOf<"agent.adminList">;
    const { runs, next_cursor } = await room.ask("agent.adminList", wanted);
    const { run, state, user: of, owner, begun } = texts.repl.columns;
    const rows = runs.map((one) => [
      one.id,
      stateOf(one, texts),
      one.user_id.slice(-6),
      shortProcess(one.owner),
      shortDate(one.created_at),
    ]);
    const none = account ? texts.repl.noRunsOf(account.email) : texts.repl.noRuns;
    const shown = table([run, state, of, owner, begun], rows, none);
    return {
      json: { runs, has_more: next_cursor !== null },
      show(screen) {
        shown(screen);
        if (next_cursor !== null) screen.note(texts.repl.onlySome(runs.length));
      },
    };
  },
};

const stateOf = (run: AdminRun, { repl }: Texts) =>
  run.cancel_requested && run.finish_reason === null ? repl.cancelling : run.status;

const journal: Command = {
  name: "runs journal",
  takes: ["run"],
  async run(room, { words: [run_id] }) {
    const found = await room.ask("agent.adminJournal", { run_id: run_id as RunId });
    return { json: found, show: (screen) => showJournal(found, screen) };
  },
};

function showJournal({ run, steps }: { run: AdminRun; steps: JournalStep[] }, screen: Screen): void {
  const { repl, commandLine } = screen.texts;
  const { input_tokens, output_tokens, cost_usd } = run.usage;
  const rows: [string, string][] = [
    [repl.columns.state, stateOf(run, screen.texts)],
    [repl.columns.user, run.user_id],
    [repl.session, run.session_id],
    [repl.model, run.model],
    [repl.columns.owner, run.owner ?? "–"],
    [repl.owners, repl.ownersSoFar(run.epoch, run.takeovers)],
    [repl.columns.begun, longDate(run.created_at)],
    ...(run.ended_at ? [[repl.ended, longDate(run.ended_at)] as [string, string]] : []),
    ...(run.error
      ? [[repl.error, `${run.error.code}: ${screen.texts.said(run.error.message)}`] as [string, string]]
      : []),
    [repl.used, repl.tokens(count(input_tokens), count(output_tokens), dollars(cost_usd))],
  ];
  screen.write(`${screen.colours.bold(run.id)}\n`);
  for (const [name, value] of rows) screen.write(`  ${commandLine.named(name, visibleLine(value))}\n`);
  for (const step of steps) {
    screen.write(
      `  ${repl.step(step.number, visibleLine(step.model), step.status, count(step.characters))}\n`,
    );
    for (const call of step.calls)
      screen.write(`    ${fitLine(callLine(call, screen.texts), screen.columns - 5)}\n`);
  }
}

function callLine(call: JournalCall, texts: Texts): string {
  const took = call.duration_ms === null ? "" : ` ${duration(call.duration_ms, texts)}`;
  const answered = call.decision === null ? "" : ` [${call.decision}: ${call.decided_by ?? ""}]`;
  const args = call.args === undefined ? `sha256 ${call.args_sha256}` : shortArguments(call.args);
  return visibleLine(`${call.status} ${call.name}${took}${answered} ${args}`);
}

const cancel: Command = {
  name: "runs cancel",
  takes: ["run"],
  async run(room, { words: [id = ""], texts: { repl }, agree }) {
    const run_id = id as RunId;
    const { run } = await room.ask("agent.adminJournal", { run_id });
    if (run.finish_reason !== null) return { json: { run }, show: line(repl.endedAlready(id, run.status)) };
    await agree(repl.confirmCancel(id), "y");
    const cancelled = await room.ask("agent.adminCancel", { run_id });
    return { json: cancelled, show: line(repl.cancelled(id)) };
  },
};

const handOver: Command = {
  name: "runs hand-over",
  takes: ["run"],
  async run(room, { words: [id = ""], texts: { repl } }) {
    const { from } = await room.ask("agent.adminHandOver", { run_id: id as RunId });
    const run = await nextOwner(room, id as RunId, from, repl.notTaken(id));
    const to = run.owner;
    const words = to === null ? repl.endedAlready(id, run.status) : repl.handedOver(id, from, to);
    return { json: { run_id: id, from, to, status: run.status }, show: line(words) };
  },
};

/** The run once it has another owner, or has ended. */
async function nextOwner({ ask }: Room, run_id: RunId, from: string, tooLong: string): Promise<AdminRun> {
  const first = (await ask("agent.adminJournal", { run_id })).run;
  const patience = new Patience(TAKEN_MS);
  for (let run = first; ; run = (await ask("agent.adminJournal", { run_id })).run) {
    if (run.finish_reason !== null || (run.owner !== null && run.owner !== from)) return run;
    if (run.owner === from && run.epoch > first.epoch) throw new Error(tooLong);
    await patience.wait(tooLong);
  }
}

export const RUN_COMMANDS = [list, journal, cancel, handOver];
