// A service that keeps short-lived values or counts in windows: `this.ports.cache` and `this.ports.counters`.
import { declarePorts } from "./ports.ts";

export const cache = declarePorts("cache", "counters");
