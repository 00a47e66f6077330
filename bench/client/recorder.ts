// Keeps the times of a job's turns while its window is open, and sums them up.
import { microseconds } from "../measure/clock.ts";
import type { Outcome } from "../measure/job.ts";
import type { Token } from "../measure/script.ts";
import { distribution, median } from "../measure/statistics.ts";

/** Faults kept in words; all are counted. */
const MAX_FAULTS = 5;

export class Recorder {
  #isOpen = false;
  #openedAt = 0;
  #windowMs = 0;
  /** Turns whose first token has come, whether the window is open or not. */
  begun = 0;
  /** Streams that had not begun when the window opened. */
  late = 0;
  #turns = 0;
  #tokens = 0;
  #faulty = 0;
  readonly #faults: string[] = [];
  readonly #firstToken: number[] = [];
  readonly #added: number[] = [];
  readonly #wayIn: number[] = [];
  readonly #wayOut: number[] = [];
  readonly #gaps: number[] = [];
  readonly #delays: number[] = [];
  readonly #outputs: number[] = [];

  get turns(): number {
    return this.#turns;
  }

  open(): void {
    this.#isOpen = true;
    this.#openedAt = microseconds();
  }

  close(): void {
    this.#isOpen = false;
    this.#windowMs = (microseconds() - this.#openedAt) / 1_000;
  }

  /** A turn that is posted now. Its times are in microseconds of the shared clock. */
  begin(): TurnTimes {
    return new TurnTimes({
      token: (gap, delay) => this.#token(gap, delay),
      output: (delay) => this.#output(delay),
      first: (times) => this.#first(times),
      end: (fault) => this.#end(fault),
    });
  }

  outcome(): Outcome {
    return {
      type: "outcome",
      turns: this.#turns,
      tokens: this.#tokens,
      windowMs: this.#windowMs,
      firstTokenMs: distribution(this.#firstToken),
      addedMs: distribution(this.#added),
      wayInMs: median(this.#wayIn),
      wayOutMs: median(this.#wayOut),
      gapMs: distribution(this.#gaps),
      delayMs: distribution(this.#delays),
      outputMs: distribution(this.#outputs),
      late: this.late,
      faulty: this.#faulty,
      faults: this.#faults,
    };
  }

  #token(gap: number | undefined, delay: number): void {
    if (!this.#isOpen) return;
    this.#tokens += 1;
    this.#delays.push(delay / 1_000);
    if (gap !== undefined) this.#gaps.push(gap / 1_000);
  }

  #output(delay: number): void {
    if (this.#isOpen) this.#outputs.push(delay / 1_000);
  }

  #first({ total, wayIn, wayOut }: FirstToken): void {
    this.begun += 1;
    if (!this.#isOpen) return;
    this.#firstToken.push(total / 1_000);
    this.#added.push((wayIn + wayOut) / 1_000);
    this.#wayIn.push(wayIn / 1_000);
    this.#wayOut.push(wayOut / 1_000);
  }

  #end(fault: string | undefined): void {
    if (this.#isOpen) this.#turns += 1;
    if (fault === undefined) return;
    this.#faulty += 1;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(fault);
  }
}

type FirstToken = { total: number; wayIn: number; wayOut: number };
type Sink = {
  token(gap: number | undefined, delay: number): void;
  output(delay: number): void;
  first(times: FirstToken): void;
  end(fault: string | undefined): void;
};

class TurnTimes {
  readonly end: Sink["end"];
  readonly #sink: Sink;
  readonly #postedAt = microseconds();
  #arrivedAt = 0;
  #lastArrivedAt = 0;
  #lastSentAt = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.end = sink.end;
  }

  /** The bytes of the tokens that are told next came at this time. */
  readonly arrived = (at: number): void => {
    this.#arrivedAt = at;
  };

  /** Whole lines of a tool's output, each the time at which it was written. */
  readonly printed = (lines: string[]): void => {
    for (const line of lines) this.#sink.output(this.#arrivedAt - Number(line));
  };

  token({ number, sentAt, arrivedAt }: Token): void {
    const at = this.#arrivedAt;
    if (number === 0 && arrivedAt !== undefined)
      this.#sink.first({
        total: at - this.#postedAt,
        wayIn: arrivedAt - this.#postedAt,
        wayOut: at - sentAt,
      });
    const gap = number === 0 ? undefined : at - this.#lastArrivedAt - (sentAt - this.#lastSentAt);
    this.#lastArrivedAt = at;
    this.#lastSentAt = sentAt;
    this.#sink.token(gap, at - sentAt);
  }
}
