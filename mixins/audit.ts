// A service that writes into the audit trail (G31): `this.ports.audit`.
import { declarePorts } from "./ports.ts";

export const audit = declarePorts("audit");
