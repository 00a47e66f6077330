// A service that keeps its processes from doing the same at once: `this.ports.locks`.
import { declarePorts } from "./ports.ts";

export const locks = declarePorts("locks");
