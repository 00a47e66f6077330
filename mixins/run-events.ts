// A service that writes or reads the events of runs: `this.ports.events`.
import { declarePorts } from "./ports.ts";

export const runEventLog = declarePorts("events");
