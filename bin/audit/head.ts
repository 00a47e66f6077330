// `audit head`: the end of each writer's chain as JSON, to be kept where who can change the data folder cannot change it.
import type { AuditRows } from "../../lib/ports/audit.ts";

export async function head(trail: AuditRows): Promise<void> {
  const heads = await Promise.all((await trail.writers()).map((writer) => trail.head(writer)));
  process.stdout.write(`${JSON.stringify(heads)}\n`);
}
