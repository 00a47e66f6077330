// Errors between processes: one of the catalogue arrives as one of the catalogue. Of any other nothing is told but that something went
// wrong; its message and stack are for the log of the process where it happened.
import { Errors } from "moleculer";
import { busErrorType } from "../../broker/bus-errors.ts";
import { AppError, type ErrorExtras, toError, typeOf } from "../../errors.ts";
import type { Log } from "../../log.ts";

type Plain = Parameters<InstanceType<typeof Errors.Regenerator>["restore"]>[0];

export class BusErrors extends Errors.Regenerator {
  readonly #log: Log;

  constructor(log: Log) {
    super();
    this.#log = log;
  }

  override extractPlainError(thrown: Record<string, unknown>): Plain {
    const { message, type, code, retryable, data } = this.#told(thrown);
    return { name: "AppError", message, type, code, retryable, data } as Plain;
  }

  override restoreCustomError(plain: Plain): Error {
    const type = typeOf(plain);
    // One that a newer process has and this one does not know is made by Moleculer, and is an internal one here.
    if (type === undefined) return undefined as never;
    return new AppError(type, String(plain.message), Object(plain.data) as ErrorExtras);
  }

  #told(thrown: unknown): AppError {
    if (typeOf(thrown) !== undefined) return thrown as AppError;
    const type = busErrorType(thrown);
    if (type !== undefined) return new AppError(type);
    this.#log.error({ err: toError(thrown) }, "a call of another process failed");
    return new AppError("internal");
  }
}
