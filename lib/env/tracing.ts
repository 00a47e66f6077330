// The variables of tracing, of the names that OpenTelemetry gives them. Used by lib/env.ts, the one reader of the environment.
import { z } from "zod";

/** Of a hundred requests five are traced: enough to see how it goes, too few to be felt. */
const USUAL_RATIO = 0.05;
const NOT_A_RATIO = "must be a share from 0 to 1, e.g. 0.1";
const NOT_PAIRS = "must be pairs such as deployment.environment.name=production, commas between them";
const PAIR = /^[^=,\s]{1,100}=[^=,]{0,200}$/;

export const TRACING_VARIABLES = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
    .optional()
    .describe(
      "OpenTelemetry collector that takes traces over OTLP/HTTP, e.g. http://localhost:4318; nothing is traced unless set",
    ),
  OTEL_SERVICE_NAME: z.string().default("macjarvis").describe("name of the server in traces"),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .transform((text) => text.split(",").map((pair) => pair.trim()))
    .pipe(z.array(z.string().regex(PAIR, NOT_PAIRS)))
    .optional()
    .describe("what else traces say of the process: `name=value`, commas between several"),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0|1|0?\.\d{1,9}|[01]\.0+)$/, NOT_A_RATIO)
    .transform(Number)
    .default(USUAL_RATIO)
    .describe("share of the requests that are traced, from 0 to 1, of those that begin here"),
};

export type TracingSettings = {
  /** Where traces are sent. */
  endpoint: string;
  /** From 0 to 1. */
  ratio: number;
  resource: Record<string, string>;
};

type Parsed = z.output<z.ZodObject<typeof TRACING_VARIABLES>>;

/** How to trace; undefined when nothing is to be traced. */
export function tracingSettings(given: Parsed): TracingSettings | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG: ratio } = given;
  if (base === undefined) return undefined;
  const pairs = (given.OTEL_RESOURCE_ATTRIBUTES ?? []).map((pair) => {
    const [name = "", value = ""] = pair.split("=");
    return [name, decoded(value)] as const;
  });
  return {
    endpoint: `${base.replace(/\/$/, "")}/v1/traces`,
    ratio,
    resource: { ...Object.fromEntries(pairs), "service.name": OTEL_SERVICE_NAME },
  };
}

/** Values are percent-encoded (W3C Baggage); one that is not well so is taken as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
