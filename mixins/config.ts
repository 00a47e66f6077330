// A service that reads or changes the stored configuration: `this.ports.config`. What holds now is read from the settings that a
// service is given, not from here.
import { declarePorts } from "./ports.ts";

export const config = declarePorts("config");
