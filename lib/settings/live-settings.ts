// The settings of this process as they are now: what the environment says, and over it what an admin has changed since
// (contracts/config.ts). Reading one is reading a property; a change is there at the next read.
import type { ServiceBroker } from "moleculer";
import type { Overrides, Settings } from "../../contracts/config.ts";
import type { Log } from "../log.ts";
import type { ConfigStore, StoredConfig } from "../ports/config.ts";
import { documentOf, knownOverrides } from "./stored-overrides.ts";

/** The settings of the broker's process. Keep this, never what it says: `.now` is what holds now. */
export function settingsOf({ core }: ServiceBroker): LiveSettings {
  return core.settings;
}

export class LiveSettings {
  /** What the environment says. */
  readonly defaults: Settings;
  readonly #log: Pick<Log, "warn">;
  #now: Settings;

  /** @param log told in words what of a stored configuration does not hold */
  constructor(defaults: Settings, log: Pick<Log, "warn">) {
    this.defaults = defaults;
    this.#log = log;
    this.#now = defaults;
  }

  /** Read it anew each time: it is replaced, never changed. */
  get now(): Settings {
    return this.#now;
  }

  /** Follows the store from now on. @returns how to stop that, when what is stored holds. @throws store_unavailable */
  async follow(store: ConfigStore): Promise<() => void> {
    const watching = store.watch((stored) => this.#take(stored));
    await watching.ready.catch((thrown: unknown) => {
      watching();
      throw thrown;
    });
    return watching;
  }

  #take(stored: StoredConfig | undefined): void {
    const document = stored && documentOf(stored);
    if (stored && !document) {
      this.#log.warn(
        "the stored configuration cannot be read: what holds now goes on until an admin sets it anew",
      );
      return;
    }
    const { overrides, problems } = knownOverrides(document?.overrides ?? {});
    if (problems.length > 0)
      this.#log.warn({ problems }, "of the stored configuration something does not hold");
    this.#now = settingsWith(this.defaults, overrides);
  }
}

/** @param overrides in place of the defaults; the policy's by risk */
export function settingsWith(defaults: Settings, overrides: Overrides): Settings {
  // A key that is there and undefined overrides nothing.
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given, policy: { ...defaults.policy, ...overrides.policy } };
}
