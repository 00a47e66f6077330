// Parameters and pictures of OpenAI's requests, in our words. And back: a fault of what we were told has the name that the caller gave it.
import type { CacheControl, ModelParameters, ParameterName, PromptPart } from "../../../contracts/given.ts";
import { AppError, isType } from "../../../lib/errors.ts";

/** What is not said is not there; `null` counts as not said. */
export function said<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const there = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(there) as never;
}

export function refused(path: string, message: string): AppError {
  return new AppError("invalid_request", path === "" ? message : `"${path}" ${message}.`, {
    errors: [{ path, message }],
  });
}

const DATA = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;

/** @param path of the field, for the refusal. @throws invalid_request */
export function picture(
  path: string,
  url: string,
  detail: string | null | undefined,
): Extract<PromptPart, { type: "image" }> {
  const shown = detail ? { detail } : {};
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { type: "image", image: { url }, ...shown };
  const [, media_type, data] = DATA.exec(url) ?? [];
  if (media_type === undefined || data === undefined)
    throw refused(path, "must be an http address or a data URL of a PNG, JPEG, GIF or WebP picture");
  return { type: "image", image: { media_type, data }, ...shown };
}

/** Names of the caller's by ours. */
export type Names = Partial<Record<ParameterName | "tools" | "messages", string>>;

/** A fault of what was made of the request, as one of the request. */
export function renamed(error: unknown, names: Names): unknown {
  if (!isType(error, "invalid_request")) return error;
  const { message, data } = error as AppError;
  const errors = (data.errors ?? []).map((fault) => {
    const ours = fault.path.replace(/^given\.(parameters\.)?/, "");
    const path = names[ours as ParameterName] ?? ours;
    return { ...fault, path };
  });
  const [was] = data.errors ?? [];
  const [now] = errors;
  const detail = was && now ? message.replace(`"${was.path}"`, `"${now.path}"`) : message;
  return new AppError("invalid_request", detail, { ...data, errors });
}

/** The caller's own data in a request, where a `null` is a value. */
export const OPAQUE: ReadonlySet<string> = new Set(["parameters", "schema", "metadata", "logit_bias"]);

type Tool = {
  name: string;
  description?: string | null | undefined;
  parameters?: Record<string, unknown> | null | undefined;
  strict?: boolean | null | undefined;
  cache_control?: CacheControl | null | undefined;
};

const NO_PARAMETERS = { type: "object", properties: {} };

/** @throws invalid_request for two of one name */
export function toolsOf(tools: Tool[], pathOf: (index: number) => string) {
  const names = new Set<string>();
  return tools.map(({ name, description, parameters, strict, cache_control }, index) => {
    if (names.has(name)) throw refused(pathOf(index), "is the name of two tools");
    names.add(name);
    return {
      ...{ name, description: description ?? "", parameters: parameters ?? NO_PARAMETERS },
      ...(strict === null || strict === undefined ? {} : { strict }),
      ...(cache_control ? { cache_control } : {}),
    };
  });
}

/** Which tools may be called: the offered ones that are named, by the same rule as the others. */
export type Allowed = { mode: "auto" | "required"; names: string[] };

/**
 * Tools that may not be called are not offered: for the model it is the same.
 * @throws invalid_request for one that is none of the request's
 */
export function offered<T extends { name: string }>(tools: T[], allowed: Allowed | undefined): T[] {
  if (!allowed) return tools;
  const other = allowed.names.find((name) => !tools.some((tool) => tool.name === name));
  if (other !== undefined)
    throw refused("tool_choice", `allows a tool that is none of the request: "${other}"`);
  return tools.filter(({ name }) => allowed.names.includes(name));
}

/** What says nothing is left out: some vendors refuse to hear of tools where there are none, and the agent chooses as it likes. */
export function ofTools(
  mode: "agent" | "model",
  { tool_choice, parallel_tool_calls, ...others }: ModelParameters,
  tools: unknown[],
): ModelParameters {
  const isNothing = mode === "agent" ? tool_choice === "auto" : tools.length === 0;
  const choice = tool_choice === undefined || isNothing ? {} : { tool_choice };
  const isUnused = parallel_tool_calls === undefined || (mode === "model" && tools.length === 0);
  return { ...others, ...choice, ...(isUnused ? {} : { parallel_tool_calls }) };
}

/** @throws invalid_request where a tool has to be called and is not there */
export function requireChoice({ tool_choice }: ModelParameters, tools: { name: string }[]): void {
  const isForced = tool_choice !== undefined && tool_choice !== "none" && tool_choice !== "auto";
  if (isForced && tools.length === 0) throw refused("tool_choice", "needs tools to choose from");
  if (typeof tool_choice === "object" && !tools.some(({ name }) => name === tool_choice.name))
    throw refused("tool_choice", `names no tool of the request: "${tool_choice.name}"`);
}

/** @throws invalid_request: the agent has tools of its own, and uses them as it likes (`auto`) */
export function refuseToolsOfAgent(model: string, tools: unknown[], choice: unknown): void {
  const isFree = choice === undefined || choice === "auto";
  const path = tools.length > 0 ? "tools" : isFree ? undefined : "tool_choice";
  if (path === undefined) return;
  const alone = model.includes("/") ? `"${model.slice(model.indexOf("/") + 1)}"` : '"<provider>/<model>"';
  throw refused(
    path,
    `cannot go with "${model}", which works with the tools of your machines: use the model alone, ${alone}, for tools of your own`,
  );
}
