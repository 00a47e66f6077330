// Whether a hub is there, from what it says every few seconds, for whoever looks at the Mac, and for what runs here: a hub that cannot
// be heard can end nothing.
import type { ServingState } from "../program/serving.ts";

/** A hub speaks every three seconds. */
const AWAY_MS = 10_000;
const CUT_OFF_MS = 15_000;
const LOOK_MS = 1_000;

type Settings = {
  /** Told once each time nobody was heard for fifteen seconds. */
  cutOff(): void;
  onChange(state: ServingState): void;
  now?: () => number;
};

export class HubPresence {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #heardAt: number | undefined;
  #isCutOff = false;
  #state: ServingState = { state: "connecting", since: new Date() };

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#now = settings.now ?? (() => performance.now());
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  heard(): void {
    this.#heardAt = this.#now();
    this.#isCutOff = false;
    this.#become("connected");
  }

  /** Each second. */
  look(): void {
    if (this.#heardAt === undefined) return;
    const silentMs = this.#now() - this.#heardAt;
    if (silentMs >= AWAY_MS) this.#become("cut_off");
    if (silentMs < CUT_OFF_MS || this.#isCutOff) return;
    this.#isCutOff = true;
    this.#settings.cutOff();
  }

  get state(): ServingState {
    return this.#state;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #become(state: ServingState["state"]): void {
    if (this.#state.state === state) return;
    this.#state = { state, since: new Date() };
    this.#settings.onChange(this.#state);
  }
}
