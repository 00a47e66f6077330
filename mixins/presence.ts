// A service that says who is there: `this.ports.presence`.
import { declarePorts } from "./ports.ts";

export const presence = declarePorts("presence");
