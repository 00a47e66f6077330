// A service that keeps documents: `this.ports.documents` gives it its collections.
import { declarePorts } from "./ports.ts";

export const collections = declarePorts("documents");
