// How models and their servers are, as whoever runs the installation sees it: each process with an agent learns it by itself.
import { z } from "zod";
import { count, EXAMPLE, named, time } from "./basics.ts";
import { model } from "./runs.ts";

const provider = z.strictObject({ name: z.string(), available: z.boolean(), reason: z.string().optional() });
export type ProviderState = z.infer<typeof provider>;

const server = z.strictObject({
  provider: z.string(),
  /** Null before the first look has ended. */
  answers: z.boolean().nullable(),
  fault: z.string().nullable(),
  checked_at: time.nullable(),
});
export type ServerState = z.infer<typeof server>;

const health = z.strictObject({
  model: z.string(),
  state: z.enum(["closed", "open", "half_open"]),
  /** While it is `open`: until when it is passed over, and because of what. */
  rests_until: time.nullable(),
  rests_because: z.enum(["failures", "provider"]).nullable(),
  failures_in_a_row: count,
  last_success_at: time.nullable(),
  last_failure_at: time.nullable(),
  /** A code of docs/errors.md. */
  last_failure: z.string().nullable(),
  /** In the last hour: questions that came to an end, those of them that failed, and the mean time to the first word in milliseconds. */
  asked: count,
  failed: count,
  first_word_ms: z.number().min(0).nullable(),
});
export type ModelHealth = z.infer<typeof health>;

const agentProcess = z.strictObject({
  process: z.string(),
  /** False: it did not answer in time, and nothing is known of it now. */
  answered: z.boolean(),
  checked_at: time.nullable(),
  servers: z.array(server),
  models: z.array(health),
});
export type AgentHealth = z.infer<typeof agentProcess>;

export const modelsHealth = named(
  "ModelsHealth",
  "Providers and models as the process that answers knows them: those that users may choose, and the fallbacks in their order, which need not be (`choosable`). `processes`: each process with an agent, what it has learned of model servers (by a look at their list of models, `checked_at`) and of models that it has asked since it started. `closed`: asked as usual; `open`: passed over until `rests_until`, because of its `failures` or because its `provider` wanted to be left alone; `half_open`: the next question tries it. `last_failure` is a code of the error catalogue; `asked`, `failed` and `first_word_ms` are of the last hour.",
  z.strictObject({
    default: z.string(),
    fallback: z.array(z.string()),
    providers: z.array(provider),
    models: z.array(model.extend({ choosable: z.boolean() })),
    processes: z.array(agentProcess),
  }),
  {
    default: "openai/gpt-4o-mini",
    fallback: [],
    providers: [{ name: "openai", available: true }],
    models: [
      {
        id: "openai/gpt-4o-mini",
        provider: "openai",
        available: true,
        context_window: 128_000,
        price: { input_per_million: 0.15, output_per_million: 0.6 },
        choosable: true,
      },
    ],
    processes: [
      {
        process: "agent-6f1f0c1e-0f3a-4c56-9a55-0d8f5b7c2a10",
        answered: true,
        checked_at: EXAMPLE.later,
        servers: [{ provider: "openai", answers: true, fault: null, checked_at: EXAMPLE.time }],
        models: [
          {
            model: "openai/gpt-4o-mini",
            state: "closed",
            rests_until: null,
            rests_because: null,
            failures_in_a_row: 0,
            last_success_at: EXAMPLE.later,
            last_failure_at: null,
            last_failure: null,
            asked: 12,
            failed: 0,
            first_word_ms: 410,
          },
        ],
      },
    ],
  },
);
export type ModelsHealth = z.infer<typeof modelsHealth>;
