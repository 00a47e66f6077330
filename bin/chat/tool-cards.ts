// The calls of a run as cards: while one runs, its name, arguments and the tail of its output are in the live part; when it
// has ended, one lasting line says how and how long it took.
import type { CallStatus, RunEvent } from "../../contracts/run-events.ts";
import type { ToolResult } from "../../contracts/tools.ts";
import { cleanText, TextCleaner } from "../terminal/clean-text.ts";
import { fitLine, widthOf } from "../terminal/fit-line.ts";
import { duration, shortArguments } from "../terminal/format.ts";
import type { LiveLine, Screen } from "../terminal/screen.ts";
import type { Texts } from "../terminal/texts.ts";
import { wrapText } from "../terminal/wrap.ts";

type Start = Extract<RunEvent, { event: "tool_start" }>["data"];
type Output = Extract<RunEvent, { event: "tool_output" }>["data"];
type Result = Extract<RunEvent, { event: "tool_result" }>["data"];
type Card = {
  name: string;
  args: string;
  startedAt: number;
  waits: boolean;
  cleaner: TextCleaner;
  tail: string;
};

const TAIL_LINES = 5;
const TAIL_CHARACTERS = 4_000;
/** Lines that tell why a call failed. */
const FAULT_LINES = 3;
/** Columns below which arguments tell nothing. */
const LEAST_ARGUMENTS = 6;

export class ToolCards {
  readonly #screen: Screen;
  readonly #cards = new Map<string, Card>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get isEmpty(): boolean {
    return this.#cards.size === 0;
  }

  start({ call_id, name, args }: Start): void {
    const card: Card = {
      name: cleanText(name),
      args: shortArguments(args),
      startedAt: performance.now(),
      waits: false,
      cleaner: new TextCleaner(),
      tail: "",
    };
    this.#cards.set(call_id, card);
    if (!this.#screen.isTerminal)
      this.#screen.note(`[tool] ${fitLine(`${card.name} ${card.args}`.trimEnd(), 200)}`);
  }

  /** A call that waits for a person does not look as if it ran. */
  setWaiting(callId: string, waits: boolean): void {
    const card = this.#cards.get(callId);
    if (card) Object.assign(card, { waits, startedAt: performance.now() });
  }

  output({ call_id, text }: Output): void {
    const card = this.#cards.get(call_id);
    if (card) card.tail = (card.tail + card.cleaner.push(text)).slice(-TAIL_CHARACTERS);
  }

  end(result: Result): void {
    const { colours, columns, texts } = this.#screen;
    const card = this.#cards.get(result.call_id);
    this.#cards.delete(result.call_id);
    const mark = result.ok ? colours.green("✓") : colours.red("✗");
    const words = endWords(result.status, texts);
    const { aside, comma } = texts.commandLine;
    // Of a call that never ran there is no time to tell.
    const time =
      result.status === "denied" || result.status === "expired" ? "" : duration(result.duration_ms, texts);
    const end = aside([words, time].filter((part) => part !== "").join(comma));
    const name = cleanText(result.name);
    const room = (this.#screen.isTerminal ? columns : 200) - widthOf(name) - widthOf(end) - 5;
    const args = room < LEAST_ARGUMENTS ? "" : fitLine(card?.args ?? "", room);
    this.#screen.note(
      `${mark} ${colours.bold(name)}${args === "" ? "" : ` ${colours.dim(args)}`}${colours.dim(end)}`,
    );
    const why = result.ok ? "" : faultOf(result.result, texts);
    if (why !== "") this.#tellFault(why);
  }

  /** What went wrong in a few lines: a person must be able to read it, and the model has all of it. */
  #tellFault(why: string): void {
    const { colours, columns, isTerminal } = this.#screen;
    const text = fitLine(why, isTerminal ? (columns - 4) * FAULT_LINES : 300);
    for (const line of isTerminal ? wrapText(text, columns - 3) : [text])
      this.#screen.note(colours.dim(`  ${line}`));
  }

  /** The cards that are open, for the live part. */
  lines(): LiveLine[] {
    const { colours, texts } = this.#screen;
    const { dim } = colours;
    const { aside } = texts.commandLine;
    return [...this.#cards.values()].flatMap((card): LiveLine[] => {
      const time = duration(performance.now() - card.startedAt, texts);
      if (card.waits)
        return [{ text: `? ${card.name}${aside(texts.chat.waitsForAnswer)} ${card.args}`, style: dim }];
      const tail = card.tail.trimEnd().split("\n").slice(-TAIL_LINES);
      const lines = card.tail.trim() === "" ? [] : tail.map((line) => ({ text: `  │ ${line}`, style: dim }));
      return [{ text: `${card.name}${aside(time)} ${card.args}`, spins: true }, ...lines];
    });
  }

  /** No call can end any more. */
  clear(): void {
    this.#cards.clear();
  }
}

function endWords(status: CallStatus, { chat }: Texts): string {
  const words: Record<CallStatus, string> = {
    done: "",
    failed: chat.failed,
    denied: chat.denied,
    expired: chat.expired,
    cancelled: chat.callCancelled,
    outcome_unknown: chat.outcomeUnknown,
  };
  return words[status] ?? cleanText(String(status));
}

/** Why a call failed; of a command the last line of what it said. */
function faultOf(result: unknown, { chat, commandLine, said }: Texts): string {
  const { error, exit_code, stderr } = (result ?? {}) as ToolResult;
  // The person knows who said no; what the model is told of it is not for them.
  if (error?.code === "approval_denied") return "";
  if (error?.message) return said(cleanText(error.message));
  const last =
    cleanText(stderr ?? "")
      .trimEnd()
      .split("\n")
      .at(-1) ?? "";
  if (typeof exit_code === "number" && exit_code !== 0)
    return last === "" ? chat.exitCode(exit_code) : commandLine.named(chat.exitCode(exit_code), last);
  return last;
}
