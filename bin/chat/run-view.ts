// Shows the events of a run on the screen: streamed Markdown, thoughts, tool cards, notices, the end. Decides nothing.
import type { RunEvent } from "../../contracts/run-events.ts";
import { cleanText, TextCleaner } from "../terminal/clean-text.ts";
import { PLAIN } from "../terminal/colours.ts";
import { count, dollars, duration } from "../terminal/format.ts";
import type { LiveLine, Screen } from "../terminal/screen.ts";
import { MarkdownStream } from "./markdown/stream.ts";
import { WordWrap } from "./markdown/word-wrap.ts";
import { ToolCards } from "./tool-cards.ts";

type DataOf<Name extends RunEvent["event"]> = Extract<RunEvent, { event: Name }>["data"];

export class RunView {
  readonly cards: ToolCards;
  readonly #screen: Screen;
  readonly #startedAt = performance.now();
  readonly #tokens = { input: 0, output: 0, cost: 0, estimated: false, model: "" };
  #text:
    | {
        step: number;
        kind: "content" | "reasoning";
        cleaner: TextCleaner;
        wrap: WordWrap;
        markdown: MarkdownStream;
      }
    | undefined;
  #status: string;
  /** Something stands above the next text: a blank line sets it off. */
  #isBelow = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#status = screen.texts.chat.thinking;
    this.cards = new ToolCards(screen);
  }

  /** Shows the spinner until `end`, or until a question takes its place. */
  wait(): void {
    this.#screen.live(() => this.#live());
  }

  show(event: RunEvent): void {
    const { chat } = this.#screen.texts;
    this.#status = chat.thinking;
    switch (event.event) {
      case "run":
        if (event.data.status === "queued") this.#status = chat.queued;
        break;
      case "content":
        this.#piece(event.data, "content");
        break;
      case "reasoning":
        this.#piece(event.data, "reasoning");
        break;
      case "usage":
        this.#usage(event.data);
        break;
      case "tool_start":
        this.endText();
        this.cards.start(event.data);
        break;
      case "tool_output":
        this.cards.output(event.data);
        break;
      case "tool_result":
        this.endText();
        this.cards.end(event.data);
        this.#isBelow = true;
        break;
      case "retry":
        this.#retry(event.data);
        break;
      case "reset":
        this.#reset(event.data);
        break;
      case "error":
        this.endText();
        this.#screen.tell(`✗ ${this.#faultWords(event.data)}`, this.#screen.colours.red);
        break;
      case "done":
        this.#done(event.data);
    }
  }

  notice(text: string): void {
    this.endText();
    this.#screen.tell(text, this.#screen.colours.yellow);
  }

  /** While the server is away nobody thinks. */
  connection(state: "lost" | "back"): void {
    const { chat } = this.#screen.texts;
    this.notice(state === "lost" ? chat.connectionLost : chat.connectionBack);
    this.#status = state === "lost" ? chat.waitsForServer : chat.thinking;
  }

  /** Ends the text that is being shown, so that something else can begin on its own line. */
  endText(): void {
    if (!this.#text) return;
    const { kind, markdown, wrap } = this.#text;
    this.#screen.write(kind === "content" ? markdown.end() : wrap.end());
    this.#isBelow = this.#text.kind === "reasoning";
    this.#text = undefined;
    this.#screen.freshLine();
  }

  #piece({ step, text }: { step: number; text: string }, kind: "content" | "reasoning"): void {
    const { isTerminal, colours } = this.#screen;
    // Thoughts are for who watches; a file gets the answer only.
    if (kind === "reasoning" && !isTerminal) return;
    if (this.#text?.kind !== kind || this.#text.step !== step) {
      this.endText();
      const wrap = new WordWrap(this.#screen.columns);
      this.#text = {
        step,
        kind,
        cleaner: new TextCleaner(),
        wrap,
        markdown: new MarkdownStream(isTerminal ? colours : PLAIN, this.#screen.columns, wrap),
      };
    }
    if (isTerminal && this.#isBelow) this.#screen.write("\n");
    this.#isBelow = false;
    const clean = this.#text.cleaner.push(text);
    if (kind === "reasoning") this.#screen.write(this.#text.wrap.push(dimLines(clean, colours.dim)));
    else this.#screen.write(isTerminal ? this.#text.markdown.push(clean) : clean);
  }

  #reset({ reason }: DataOf<"reset">): void {
    const { chat, said } = this.#screen.texts;
    this.notice(chat.answerAgain(said(cleanText(reason))));
  }

  #faultWords({ code, message }: DataOf<"error">): string {
    return this.#screen.texts.connection.refusal(code, cleanText(message));
  }

  #retry({ reason, attempt, of, wait_ms }: DataOf<"retry">): void {
    const { chat, said } = this.#screen.texts;
    const wait = wait_ms > 0 ? duration(wait_ms, this.#screen.texts) : "";
    const why = said(cleanText(String(reason ?? ""))) || chat.unknownReason;
    this.notice(chat.retry(why, attempt, of, wait));
    this.#status = chat.waitsForModel;
  }

  #usage({ input_tokens, output_tokens, cost_usd, estimated, model }: DataOf<"usage">): void {
    const sum = this.#tokens;
    sum.input += input_tokens;
    sum.output += output_tokens;
    sum.cost += cost_usd;
    sum.estimated ||= estimated;
    sum.model = cleanText(model);
  }

  #done({ status, finish_reason }: DataOf<"done">): void {
    this.endText();
    this.cards.clear();
    const { chat } = this.#screen.texts;
    const finishes: Record<string, string | undefined> = {
      length: chat.length,
      max_steps: chat.maxSteps,
      budget: chat.budget,
      deadline: chat.deadline,
    };
    const finish = finishes[finish_reason];
    if (status === "cancelled") this.notice(chat.cancelled);
    else if (finish) this.notice(finish);
    if (this.#screen.isTerminal && this.#tokens.model !== "")
      this.#screen.note(this.#screen.colours.dim(this.#summary()));
    this.#screen.quiet();
  }

  #summary(): string {
    const { input, output, cost, estimated, model } = this.#tokens;
    const about = estimated ? "~" : "";
    const time = duration(performance.now() - this.#startedAt, this.#screen.texts);
    const tokens = this.#screen.texts.chat.tokens(`${about}${count(input)}`, `${about}${count(output)}`);
    const price = cost > 0 ? ` · ${about}${dollars(cost)}` : "";
    return `${model} · ${tokens}${price} · ${time}`;
  }

  #live(): LiveLine[] {
    if (!this.cards.isEmpty) return this.cards.lines();
    const { texts } = this.#screen;
    const time = duration(performance.now() - this.#startedAt, texts);
    const text = `${this.#status}${texts.commandLine.aside(time)}  ${texts.chat.cancels}`;
    return [{ text, spins: true, style: this.#screen.colours.dim }];
  }
}

/** Styles line by line, so that a line feed is never inside a style. */
function dimLines(text: string, dim: (line: string) => string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : dim(line)))
    .join("\n");
}
