// A service that others call over the bus: it echoes, fails, answers too much, or never.
import type { ActionSchema, Context, ServiceSchema } from "moleculer";
import { z } from "zod";
import type { Access, Caller } from "../../contracts/access.ts";
import { action } from "../../lib/broker/action.ts";
import { AppError } from "../../lib/errors.ts";

type Loose = (definition: {
  access: Access;
  input: z.ZodType;
  timeout?: number;
  handler(params: never, caller: Caller, ctx: Context): Promise<unknown>;
}) => ActionSchema;
/** Its actions are in no contract. */
const loose = action as unknown as Loose;

const PUBLIC = { kind: "public" } as const;
const nothing = z.strictObject({});

/** @param onCall told of each `wait` that begins */
export function farService(onCall: (text: string) => void = () => undefined): ServiceSchema {
  const waiting: (() => void)[] = [];
  return {
    name: "far",
    actions: {
      echo: loose({
        access: { kind: "user" },
        input: z.strictObject({ text: z.string() }),
        handler: async ({ text }: { text: string }, caller, ctx) => ({
          text,
          user_id: caller.user_id,
          meta: ctx.meta,
          requestID: ctx.requestID,
          nodeID: ctx.broker.nodeID,
        }),
      }),
      internal: loose({ access: { kind: "internal" }, input: nothing, handler: async () => "done" }),
      admin: loose({ access: { kind: "user", admin: true }, input: nothing, handler: async () => "done" }),
      length: loose({
        access: PUBLIC,
        input: z.strictObject({ text: z.string() }),
        handler: async ({ text }: { text: string }) => text.length,
      }),
      refuse: loose({
        access: PUBLIC,
        input: nothing,
        handler: async () => {
          throw new AppError("rate_limited", "Come again.", {
            retryAfterMs: 7_000,
            show: { run_id: "run_1" },
            rate_limit: { limit: 3, remaining: 0, reset_at: 9 },
          });
        },
      }),
      crash: loose({
        access: PUBLIC,
        input: nothing,
        handler: async () => {
          throw Object.assign(new TypeError("password hunter2 at /srv/secret"), { data: { key: "hunter2" } });
        },
      }),
      text: loose({
        access: PUBLIC,
        input: z.strictObject({ bytes: z.number() }),
        handler: async ({ bytes }: { bytes: number }) => "x".repeat(bytes),
      }),
      overwrite: loose({
        access: PUBLIC,
        input: nothing,
        handler: async (_params, _caller, ctx) => {
          Object.assign(ctx.meta, { identity: "forged", left_by: "forged", more: "forged" });
          return "done";
        },
      }),
      wait: loose({
        access: PUBLIC,
        input: z.strictObject({ text: z.string() }),
        timeout: 0,
        handler: async ({ text }: { text: string }) => {
          onCall(text);
          await new Promise<void>((resolve) => waiting.push(resolve));
          return text;
        },
      }),
      release: loose({
        access: PUBLIC,
        input: nothing,
        handler: async () => waiting.splice(0).map((resolve) => resolve()).length,
      }),
    },
  };
}
