// How busy a Mac is and how full its battery: said in its heartbeats, believed by hubs, kept by the registry, shown to people.
import { z } from "zod";

/** The share of its CPUs that is busy. */
const load = z.number().min(0).max(1);
const battery = z.object({ percent: z.int().min(0).max(100), charging: z.boolean() });

export const macVitals = { load: load.optional(), battery: battery.optional() };
export type MacVitals = { load?: number | undefined; battery?: z.output<typeof battery> | undefined };

const believed = z.object({
  load: macVitals.load.catch(undefined),
  battery: macVitals.battery.catch(undefined),
});

/** What of a stranger's words is one of these; whatever else it says is left out. */
export const believedVitals = (said: Record<string, unknown>): MacVitals => believed.parse(said);
