// The bytes of a file that a process was handed, open and checked by whoever started it (run-apart.ts).
import { fstatSync, readSync } from "node:fs";
import { ToolFailure } from "../tools/tool-failure.ts";
import { FIRST_DESCRIPTOR } from "./serve-apart.ts";

export class HandedFile {
  readonly descriptor: number;
  readonly size: number;
  /** Its path, for its ending. */
  readonly name: string;

  constructor(name: string, descriptor: number = FIRST_DESCRIPTOR) {
    this.name = name;
    this.descriptor = descriptor;
    this.size = fstatSync(descriptor).size;
  }

  /** Up to `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Buffer {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, this.size - offset)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(this.descriptor, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  /** All of it. @throws ToolFailure `too_large` */
  whole(limit: number): Buffer {
    if (this.size <= limit) return this.read(0, this.size);
    const [size, most] = [this.size, limit].map((bytes) => Math.ceil(bytes / 1_000_000));
    throw new ToolFailure("too_large", `It has ${size} MB; up to ${most} MB of this kind can be read.`);
  }
}
