// Labels of machines: what their owners say of them, and what is wanted of one.
import { z } from "zod";

const MOST = 50;
export const labels = z
  .record(z.string().min(1).max(50), z.string().max(100))
  .refine((given) => Object.keys(given).length <= MOST, `at most ${MOST} labels`);
export type Labels = z.infer<typeof labels>;
