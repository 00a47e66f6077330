// A service whose operations on stores belong together: `this.ports.moments`.
import { declarePorts } from "./ports.ts";

export const moments = declarePorts("moments");
