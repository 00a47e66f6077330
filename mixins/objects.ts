// A service that keeps or reads whole pieces of bytes: `this.ports.objects`.
import { declarePorts } from "./ports.ts";

export const objects = declarePorts("objects");
