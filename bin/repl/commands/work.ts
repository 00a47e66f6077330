// Waiting work that was given up: what there is, and how it waits again.
import type { Command } from "../room.ts";
import { line, table } from "../show.ts";

const dead: Command = {
  name: "work dead",
  async run({ ask }, { texts: { repl } }) {
    const { dead_letters } = await ask("users.deadLetters", { limit: 1_000 });
    const { letter, queue, attempts, reason, error } = repl.columns;
    const rows = dead_letters.map((one) => [one.id, one.queue, String(one.attempt), one.reason, one.error]);
    return {
      json: { dead_letters },
      show: table([letter, queue, attempts, reason, error], rows, repl.noLetters),
    };
  },
};

const redrive: Command = {
  name: "work redrive",
  takes: ["letter"],
  async run({ ask }, { words: [id = ""], texts: { repl } }) {
    await ask("users.redrive", { id });
    return { json: { id, status: "waiting" }, show: line(repl.redriven(id)) };
  },
};

export const WORK_COMMANDS = [dead, redrive];
