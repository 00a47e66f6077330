// The scripts that run_applescript offers, and the one way to run them. Arguments are checked by the script's own schema.
import { z } from "zod";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { checkFields, inWords } from "../../../../lib/field-errors.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import type { FixedScript } from "./fixed-script.ts";
import { runAppleScript, runFixedScript, type ScriptContext } from "./osascript.ts";
import { PERSONAL_SCRIPTS } from "./personal-scripts.ts";
import { SCREEN_SCRIPTS } from "./screen-scripts.ts";

export const SCRIPTS: Record<string, FixedScript> = { ...SCREEN_SCRIPTS, ...PERSONAL_SCRIPTS };
/** A script of the model's own. */
export const FREE = "free";
const freeArguments = z.strictObject({ source: z.string().min(1).max(50_000) });

/** Each script with the names of its arguments: `volume {level?, muted?}: loudness …`. */
export function scriptsInWords(): string {
  const lines = Object.entries(SCRIPTS).map(([id, { args, does }]) => `${id} {${namesOf(args)}}: ${does}`);
  return `${lines.join("; ")}; ${FREE} {source}: AppleScript of your own, only where this Mac's owner allows it. Times like 2026-12-01T09:30`;
}

function namesOf(args: z.ZodObject): string {
  const { properties = {}, required = [] } = z.toJSONSchema(args, { io: "input" });
  return Object.keys(properties)
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(", ");
}

/**
 * The arguments of all scripts, each optional: so a model sees their names and choices, also one that takes no open object. Those of one
 * script are checked when it runs.
 */
export function argumentsOfAll(): z.ZodObject {
  const shapes = [...Object.values(SCRIPTS).map(({ args }) => args.shape), freeArguments.shape];
  const all = Object.entries(Object.assign({}, ...shapes) as Record<string, z.ZodType>);
  return z.strictObject(
    Object.fromEntries(all.map(([name, schema]) => [name, withoutDefault(schema).optional()])),
  );
}

function withoutDefault(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema;
}

/** @throws ToolFailure `invalid_arguments`, `not_permitted` for a free script that is not allowed, and as osascript.ts says */
export async function runScript(
  context: ScriptContext & Pick<ToolContext, "freeScripts">,
  id: string,
  given: Record<string, unknown>,
): Promise<unknown> {
  if (id === FREE) {
    if (context.freeScripts !== true)
      throw new ToolFailure(
        "not_permitted",
        "Free AppleScript is switched off on this Mac; its owner can allow it in the Mac's policy. Use one of the fixed scripts, or tell the user.",
      );
    const { source } = checked(id, freeArguments, given);
    return { result: await runAppleScript(context, source) };
  }
  const script = Object.hasOwn(SCRIPTS, id) ? SCRIPTS[id] : undefined;
  if (!script) throw new ToolFailure("invalid_arguments", `There is no script "${id}".`);
  return runFixedScript(context, script.source, checked(id, script.args, given));
}

function checked<Schema extends z.ZodObject>(
  id: string,
  schema: Schema,
  given: Record<string, unknown>,
): z.output<Schema> {
  const args = checkFields(schema, given);
  if (args.ok) return args.data;
  throw new ToolFailure(
    "invalid_arguments",
    `The arguments do not fit the script "${id}": ${inWords(args.faults)}`,
  );
}
