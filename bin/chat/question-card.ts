// A tool's question on the screen: a short card that never scrolls tool, machine and path away, the whole on demand, and words
// for what "always" will allow.
import type { Approval } from "../../contracts/agent.ts";
import type { Bound } from "../../contracts/bound.ts";
import { visibleLine } from "../terminal/clean-text.ts";
import { widthOf } from "../terminal/fit-line.ts";
import { count, fullArguments } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import { wrapText } from "../terminal/wrap.ts";

/** A question as events and lists tell it; an older server says nothing of why it asks and where the call leads. */
export type Question = Pick<Approval, "call_id" | "name" | "args" | "risk" | "node_id" | "because"> & {
  bound?: Partial<Bound>;
};

export type Card = { short: string[]; whole: string[]; hidesSomething: boolean };

/** Rows of one value, and of all of them, before the card is cut; the beginning and the end of each value are shown. */
const HEAD_ROWS = 4;
const TAIL_ROWS = 2;
const MOST_ROWS = 14;
/** Up to so many rows everything is in sight, and nothing has to be said again at the end. */
const IN_SIGHT = 6;
/** Names of arguments that say where: they stand last, nearest to the answer. */
const PLACE = /path|folder|directory|destination|source|target|url|host|address|^(?:file|dir|cwd|to|from)$/i;

/** @param place the machine it runs on, in words */
export function questionCard(question: Question, place: string, screen: Screen): Card {
  const { bold, yellow, dim } = screen.colours;
  const { questions, commandLine } = screen.texts;
  const args = placesLast(question.args);
  const tool = visibleLine(question.name);
  const where = questions.where(tool, visibleLine(place));
  const risk = commandLine.aside(questions.risk[question.risk] ?? question.risk);
  const isNarrow = widthOf(`? ${where}${risk}`) > screen.columns;
  const [title = "", ...more] = hardWrapped(where, screen.columns - 3);
  const head = [
    `${yellow("?")} ${bold(title)}${isNarrow ? "" : dim(risk)}`,
    ...more.map((row) => `  ${bold(row)}`),
    ...(isNarrow ? [`  ${dim(risk.trim())}`] : []),
  ];
  const beside = circumstances(question, screen);
  const { rows, hidesSomething } = shortRows(args, screen);
  const target = placeOf(args);
  const again = ends(
    hardWrapped(target === undefined ? where : commandLine.named(where, target), screen.columns - 3),
  ).map((row) => `  ${bold(row)}`);
  const end = hidesSomething || rows.length + beside.length > IN_SIGHT ? again : [];
  const whole = fullArguments(args).map((line) => `    ${line}`);
  return {
    short: [...head, ...rows, ...beside, ...end],
    whole: [...head, ...whole, ...beside, ...(whole.length > IN_SIGHT ? again : [])],
    hidesSomething,
  };
}

/** Exactly what the server remembers of an "always"; undefined where it asks every time whatever was remembered. */
export function alwaysWords(question: Question, place: string, { texts }: Screen): string | undefined {
  if (question.because !== undefined) return undefined;
  const { questions } = texts;
  const [tool, node] = [visibleLine(question.name), visibleLine(place)];
  const hosts = question.bound?.hosts ?? [];
  if (question.risk === "execute" || hosts.includes("*")) return questions.alwaysExact(tool, node);
  if (hosts.length === 0) return questions.alwaysTool(tool, node);
  const names = hosts.map(visibleLine).join(", ");
  return question.risk === "read" && question.node_id !== null
    ? questions.alwaysReadHost(names, node)
    : questions.alwaysToolHost(tool, names, node);
}

function placesLast(args: unknown): unknown {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return args;
  const entries = Object.entries(args);
  const isPlace = ([name]: [string, unknown]) => PLACE.test(name);
  return Object.fromEntries([...entries.filter((entry) => !isPlace(entry)), ...entries.filter(isPlace)]);
}

/** The last argument that says where, in one line: `/home/ada/notes.txt` */
function placeOf(args: unknown): string | undefined {
  if (typeof args !== "object" || args === null) return undefined;
  const value = Object.entries(args).findLast(
    ([name, one]) => PLACE.test(name) && typeof one === "string",
  )?.[1];
  return value === undefined ? undefined : visibleLine(String(value));
}

/** Why it asks, where it sends, where its paths really lead. */
function circumstances({ because, bound }: Question, { colours, columns, texts }: Screen): string[] {
  const { questions, said } = texts;
  const places = (bound?.places ?? []).flatMap(({ path, real }) =>
    real === null || real === path ? [] : [questions.leadsTo(visibleLine(path), visibleLine(real))],
  );
  const scripts = (bound?.scripts ?? []).map(({ path }) => questions.runsFile(visibleLine(path)));
  const hosts = bound?.hosts ?? [];
  const sends = hosts.includes("*")
    ? [questions.sendsAnywhere]
    : hosts.length > 0
      ? [questions.sendsTo(hosts.map(visibleLine).join(", "))]
      : [];
  const rows = (text: string) => wrapText(text, columns - 5).map((row) => `    ${row}`);
  return [
    ...[...places, ...scripts].flatMap(rows),
    ...[...sends, ...(because === undefined ? [] : [visibleLine(said(because))])]
      .flatMap(rows)
      .map(colours.yellow),
  ];
}

/** The arguments in the rows of a card; of a long value the beginning and the end. */
function shortRows(args: unknown, screen: Screen): { rows: string[]; hidesSomething: boolean } {
  const { texts, colours, columns } = screen;
  const width = Math.max(10, columns - 7);
  const more = (rows: string[]) => {
    const characters = rows.reduce((sum, row) => sum + [...row].length, 0);
    const words =
      rows.length > 3
        ? texts.questions.lines(count(rows.length))
        : texts.questions.characters(count(characters));
    return colours.yellow(`    ${texts.questions.more(words)}`);
  };
  const values = valuesOf(args).map((lines) => {
    const rows = lines.flatMap((line) => hardWrapped(line, width));
    if (rows.length <= HEAD_ROWS + TAIL_ROWS) return { rows: rows.map((row) => `    ${row}`), isCut: false };
    const [head, hidden, tail] = [
      rows.slice(0, HEAD_ROWS),
      rows.slice(HEAD_ROWS, -TAIL_ROWS),
      rows.slice(-TAIL_ROWS),
    ];
    const shown = [...head.map((row) => `    ${row}`), more(hidden), ...tail.map((row) => `    ${row}`)];
    return { rows: shown, isCut: true };
  });
  const all = values.flatMap(({ rows }) => rows);
  const isCut = values.some((value) => value.isCut);
  if (all.length <= MOST_ROWS) return { rows: all, hidesSomething: isCut };
  // What says where stands last: the end is kept whole.
  const head = all.slice(0, MOST_ROWS / 2);
  const tail = all.slice(-MOST_ROWS / 2);
  return { rows: [...head, more(all.slice(head.length, -tail.length)), ...tail], hidesSomething: true };
}

/** Each argument with the lines of its value. */
function valuesOf(args: unknown): string[][] {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return [fullArguments(args)];
  return Object.entries(args).map(([name, value]) => fullArguments({ [name]: value }));
}

/** The beginning and the end of what is too long to be said twice. */
function ends(rows: string[]): string[] {
  return rows.length <= HEAD_ROWS ? rows : [...rows.slice(0, 2), "…", ...rows.slice(-2)];
}

/** Rows as the terminal would break them, so that their number is known; indented lines stay so. */
function hardWrapped(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const rows: string[] = [];
  let [row, used] = ["", 0];
  for (const character of line) {
    const wide = widthOf(character);
    if (used + wide > width) {
      rows.push(row);
      [row, used] = ["  ", 2];
    }
    row += character;
    used += wide;
  }
  return [...rows, row];
}

/** The keys and what they mean, within the width of the terminal. */
export function keyLines(
  keys: { key: string; words: string }[],
  always: string | undefined,
  hint: string,
  { columns, colours, texts }: Screen,
): string[] {
  const { bold, cyan, dim } = colours;
  const shown = (key: string, words: string) => `${bold(cyan(key))} ${words}`;
  const lines = [`  ${keys.map(({ key, words }) => shown(key, words)).join("   ")}`];
  if (always !== undefined) {
    const [first = "", ...rest] = wrapText(texts.questions.always(always), Math.max(20, columns - 5));
    lines.push(`  ${shown("a", first)}`, ...rest.map((line) => `    ${line}`));
  }
  return [...lines, `  ${dim(hint)}`];
}
