// A server of the Model Context Protocol as a process of its own: a line of JSON each way (MCP, "stdio"). Its environment is built from
// nothing, as that of every command; what it says is bounded; all that it started ends with it. The SDK's own transport does none of that.
import { type ChildProcess, spawn } from "node:child_process";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { Bucket } from "../../lib/bucket.ts";
import { toError } from "../../lib/errors.ts";
import { askTreeToEnd, killTree } from "../processes/end-tree.ts";
import { pace } from "../processes/pace.ts";
import { FILTER_DESCRIPTOR } from "../processes/sandbox-descriptors.ts";
import type { StreamMask } from "../secrets/masker.ts";
import { MESSAGES, TOO_MANY_MESSAGES } from "./messages.ts";

/** Bytes of one message: results are cut far below. */
const LONGEST_LINE = 8 * 1_048_576;
/** Bytes that wait for it to read them: all arguments of all calls that may run are fewer. */
const MOST_UNREAD = 32 * 1_048_576;
/** What it says on its error output that is kept, for whoever asks why it ended. */
const LAST_WORDS = 2_000;
/** Between asking it to end and ending it. */
const GRACE_MS = 500;
const LINE_END = 10;

export type StdioCommand = {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** How its descendants are known; it is in `env` too. */
  marker: string;
  /** What it reads from FILTER_DESCRIPTOR, in a sandbox. */
  filter?: Buffer | undefined;
  /** Takes out of its error output what nobody may see, as it comes: what is kept of it begins anywhere. */
  mask?: (() => StreamMask) | undefined;
  /** To be called when nothing of it is left. */
  release(): Promise<void>;
};

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly #command: StdioCommand;
  readonly #masked: StreamMask | undefined;
  readonly #messages = new Bucket(MESSAGES);
  #child: ChildProcess | undefined;
  #pieces: Buffer[] = [];
  #length = 0;
  #said = "";
  #ending: Promise<void> | undefined;

  constructor(command: StdioCommand) {
    this.#command = command;
    this.#masked = command.mask?.();
  }

  /** The end of what it said on its error output. */
  get lastWords(): string {
    return this.#said.trim();
  }

  start(): Promise<void> {
    const { argv, cwd, env, filter } = this.#command;
    const [program = "", ...args] = argv;
    const more = filter ? (["pipe", "pipe"] as const) : [];
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", ...more],
    });
    this.#child = child;
    const descriptor = filter && child.stdio[FILTER_DESCRIPTOR];
    if (descriptor && "end" in descriptor) descriptor.on("error", () => undefined).end(filter);
    child.stdin?.on("error", (error) => this.onerror?.(error));
    child.stdout?.on("data", (chunk: Buffer) => this.#hear(chunk));
    child.stderr?.on("data", (chunk: Buffer) => this.#keep(this.#masked?.push(chunk) ?? chunk));
    if (child.stdout) pace(child.stdout);
    if (child.stderr) pace(child.stderr);
    child.once("exit", () => this.#closeWhenRead(child));
    return new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        void this.close();
        reject(error);
      });
    });
  }

  /** @throws Error when it has ended */
  async send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#child ?? {};
    if (!stdin?.writable || this.#ending) throw new Error("it has ended");
    stdin.write(`${JSON.stringify(message)}\n`);
    // One that reads nothing and asks all the time would fill our memory with answers.
    if (stdin.writableLength > MOST_UNREAD) this.#closeWith("it does not read what it is told");
  }

  /** Ends it with all that it started. Safe to call again. */
  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const { marker, release } = this.#command;
    const child = this.#child;
    const exited = new Promise<void>((resolve) => child?.once("exit", () => resolve()));
    child?.stdin?.end();
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      void askTreeToEnd(child.pid, [marker]);
      const timer = setTimeout(() => void killTree(child.pid, [marker]), GRACE_MS);
      await exited;
      clearTimeout(timer);
    }
    await killTree(child?.pid, [marker]);
    if (this.#masked) this.#keep(this.#masked.end());
    for (const stream of [child?.stdout, child?.stderr]) stream?.destroy();
    await release();
    this.#pieces = [];
    this.onclose?.();
  }

  /** It may have answered and gone: what it said last is heard, unless somebody else holds its output open. */
  #closeWhenRead(child: ChildProcess): void {
    const timer = setTimeout(() => void this.close(), GRACE_MS);
    child.once("close", () => {
      clearTimeout(timer);
      void this.close();
    });
  }

  #closeWith(words: string): void {
    this.#said = words;
    void this.close();
  }

  #keep(chunk: Buffer): void {
    this.#said = (this.#said + chunk.subarray(-LAST_WORDS).toString("utf8")).slice(-LAST_WORDS);
  }

  #hear(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, from)) {
      this.#take(chunk.subarray(from, end));
      this.#say(Buffer.concat(this.#pieces));
      [this.#pieces, this.#length] = [[], 0];
      from = end + 1;
    }
    this.#take(chunk.subarray(from));
  }

  #take(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > LONGEST_LINE) {
      [this.#pieces, this.#length] = [[], 0];
      this.#closeWith(`it said more than ${LONGEST_LINE} bytes at once`);
    } else if (piece.length > 0 && !this.#ending) this.#pieces.push(piece);
  }

  #say(line: Buffer): void {
    if (line.length === 0 || this.#ending) return;
    try {
      if (!this.#messages.takes()) this.#closeWith(TOO_MANY_MESSAGES);
      else this.onmessage?.(JSON.parse(line.toString("utf8")) as JSONRPCMessage);
    } catch (thrown) {
      // Some print words of theirs among the messages.
      this.onerror?.(toError(thrown));
    }
  }
}
