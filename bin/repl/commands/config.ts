// Settings that change while everything runs (docs/config.md): what holds, one of them changed, what they were, and back to that.
import type { ConfigView, Overrides } from "../../../contracts/config.ts";
import type { Answer, Command } from "../room.ts";
import { line, table } from "../show.ts";

/** Settings whose values are lists of words: commas between them will do. */
const LISTS = new Set(["models", "fallback_models"]);

const show: Command = {
  name: "config show",
  async run({ ask }, { texts: { repl } }) {
    const view = await ask("config.get", {});
    const rows = Object.entries(view.settings).map(([name, { value, source, variable }]) => [
      name,
      JSON.stringify(value),
      source === "environment" ? (variable ?? source) : source,
    ]);
    const { setting, value, source } = repl.columns;
    const shown = table([setting, value, source], rows, repl.nothing);
    return {
      json: view,
      show(screen) {
        shown(screen);
        for (const problem of view.problems) screen.note(problem);
      },
    };
  },
};

const set: Command = {
  name: "config set",
  takes: ["setting", "value"],
  async run({ ask }, { words: [name = "", text = ""], texts: { repl } }) {
    const { overrides, revision } = await ask("config.get", {});
    const changed = { ...overrides, [name]: readValue(name, text) } as Overrides;
    return told(await ask("config.set", { overrides: changed, revision }), repl.configIs);
  },
};

const unset: Command = {
  name: "config unset",
  takes: ["setting"],
  async run({ ask }, { words: [name = ""], texts: { repl } }) {
    const { overrides, revision } = await ask("config.get", {});
    const { [name]: _gone, ...rest } = overrides;
    return told(await ask("config.set", { overrides: rest as Overrides, revision }), repl.configIs);
  },
};

const history: Command = {
  name: "config history",
  async run({ ask }, { texts: { repl } }) {
    const { changes } = await ask("config.history", {});
    const rows = changes.map(({ revision, changed_at, changed_by, overrides }) => [
      ...[String(revision), changed_at ?? "–", changed_by ?? "–"],
      JSON.stringify(overrides),
    ]);
    const { revision, changed, by, value } = repl.columns;
    return { json: { changes }, show: table([revision, changed, by, value], rows, repl.nothing) };
  },
};

const revert: Command = {
  name: "config revert",
  takes: ["revision?"],
  async run({ ask }, { words: [to], agree, texts: { repl } }) {
    await agree(repl.confirmRevert, "y");
    const wanted = to === undefined ? {} : { to: Number(to) };
    return told(await ask("config.revert", wanted), repl.configIs);
  },
};

/** JSON, or a word as it is typed. */
function readValue(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return LISTS.has(name) ? text.split(",").map((word) => word.trim()) : text;
  }
}

function told(view: ConfigView, words: (revision: number, overrides: string) => string): Answer {
  return { json: view, show: line(words(view.revision, JSON.stringify(view.overrides))) };
}

export const CONFIG_COMMANDS = [show, set, unset, history, revert];
