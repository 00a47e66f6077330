// How busy this Mac is and how full its battery: what its heartbeats say besides. Nobody waits for it, and what cannot be read is not said.
import { cpus } from "node:os";
import type { MacVitals } from "../../contracts/mac-vitals.ts";

type Battery = MacVitals["battery"];
/** Of all CPUs together, since the system was started. */
export type CpuTimes = { busy: number; all: number };

const BATTERY_EVERY_MS = 60_000;

type Sources = {
  readBattery(): Promise<Battery>;
  cpuTimes?: () => CpuTimes;
  /** Milliseconds of any clock that goes on. */
  clock?: () => number;
};

export class Vitals {
  readonly #readBattery: Sources["readBattery"];
  readonly #cpuTimes: () => CpuTimes;
  readonly #clock: () => number;
  #times: CpuTimes;
  #load: number | undefined;
  #battery: Battery;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor({ readBattery, cpuTimes = systemTimes, clock = () => performance.now() }: Sources) {
    this.#readBattery = readBattery;
    this.#cpuTimes = cpuTimes;
    this.#clock = clock;
    this.#times = cpuTimes();
  }

  /** As it is now; the load is that since the last time. Moleculer's own `cpu` is that of a fifth of a second in which it wakes up itself. */
  now(): MacVitals {
    void this.#lookAtBattery();
    const times = this.#cpuTimes();
    const all = times.all - this.#times.all;
    // Two in one tick of the system's clock; or a CPU was taken away.
    if (all > 0) {
      const share = (times.busy - this.#times.busy) / all;
      this.#load = Math.round(Math.min(1, Math.max(0, share)) * 100) / 100;
    }
    this.#times = times;
    return { load: this.#load, battery: this.#battery };
  }

  /** Once a minute: on macOS it takes a process. */
  async #lookAtBattery(): Promise<void> {
    if (this.#clock() - this.#readAt < BATTERY_EVERY_MS) return;
    this.#readAt = this.#clock();
    this.#battery = await this.#readBattery().catch(() => undefined);
  }
}

function systemTimes(): CpuTimes {
  const total = { busy: 0, all: 0 };
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    total.all += all;
    total.busy += all - times.idle;
  }
  return total;
}
