// Files of JSON in the folder of a Mac: whole, for their owner alone, and checked when they are read.
import type { z } from "zod";
import { toError } from "../../lib/errors.ts";
import { checkFields } from "../../lib/field-errors.ts";
import { readSecretFile, writeSecretFile } from "../../lib/secret-file.ts";
import { reasonOfSystem } from "../../lib/unusable.ts";
import { NodeProblem } from "./problem.ts";

/** Undefined when there is no such file. @throws NodeProblem `damaged` when it holds something else, `folder` when it may not be read */
export function readStored<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const text = read(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new NodeProblem({ kind: "damaged", path, why: toError(thrown).message });
  }
  const checked = checkFields(schema, value);
  if (checked.ok) return checked.data;
  const [fault] = checked.faults;
  throw new NodeProblem({
    kind: "damaged",
    path,
    why: `${fault?.path ?? ""} ${fault?.message ?? ""}`.trim(),
  });
}

/** @throws NodeProblem `folder` when the disk does not take it */
export function writeStored(path: string, value: unknown): void {
  writeText(path, JSON.stringify(value, null, 2));
}

/** As `writeStored`, for text. */
export function writeText(path: string, text: string): void {
  try {
    writeSecretFile(path, text);
  } catch (thrown) {
    throw new NodeProblem({ kind: "folder", path, why: reasonOfSystem(thrown) }, { cause: thrown });
  }
}

function read(path: string): string | undefined {
  try {
    return readSecretFile(path);
  } catch (thrown) {
    const why = reasonOfSystem(toError(thrown).cause ?? thrown);
    throw new NodeProblem({ kind: "folder", path, why }, { cause: thrown });
  }
}
