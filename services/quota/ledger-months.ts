// Keeps the ledger's partitions ahead of time: this month's and the next. A month that cannot be made now can be an hour later; its rows
// wait in the default partition.
import type { Log } from "../../lib/log.ts";
import { keepMonths } from "../../lib/months.ts";
import type { Rooms } from "./rooms.ts";
import { LEDGER_BY_MONTH } from "./tables.ts";

const EVERY_MS = 3_600_000;

export class LedgerMonths {
  readonly #rooms: Pick<Rooms, "db" | "now">;
  readonly #log: Pick<Log, "warn">;
  #timer: NodeJS.Timeout | undefined;

  constructor(rooms: Pick<Rooms, "db" | "now">, log: Pick<Log, "warn">) {
    this.#rooms = rooms;
    this.#log = log;
  }

  async start(): Promise<void> {
    await this.#keep();
    this.#timer = setInterval(() => void this.#keep(), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #keep(): Promise<void> {
    const { db, now } = this.#rooms;
    await keepMonths(db, LEDGER_BY_MONTH, now()).catch((err: unknown) =>
      this.#log.warn({ err }, "a month of the ledger could not be made; tried again within the hour"),
    );
  }
}
