// Writes what read-json.ts has read: with line breaks or without any, keys sorted or as they were.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import type { JsonNode } from "./read-json.ts";

export type JsonLayout = { indent: number; sortKeys: boolean };

/** UTF-16 units: indents of what is nested deep are many times larger than the text. */
const LARGEST = 1_000_000;

/** @throws ToolFailure `too_large` */
export function writeJson(node: JsonNode, layout: JsonLayout): string {
  let text = "";
  const put = (piece: string) => {
    text += piece;
    if (text.length > LARGEST)
      throw new ToolFailure(
        "too_large",
        `With line breaks it has more than ${LARGEST} characters; use mode "minify", or give less.`,
      );
  };
  const line = (depth: number) => put(layout.indent > 0 ? `\n${" ".repeat(layout.indent * depth)}` : "");
  const all = <Item>(
    items: Item[],
    [begin, end]: [string, string],
    depth: number,
    one: (item: Item) => void,
  ) => {
    put(begin);
    for (const [index, item] of items.entries()) {
      if (index > 0) put(",");
      line(depth + 1);
      one(item);
    }
    if (items.length > 0) line(depth);
    put(end);
  };
  const write = (each: JsonNode, depth: number): void => {
    if (each.type === "scalar") put(each.raw);
    else if (each.type === "array") all(each.items, ["[", "]"], depth, (item) => write(item, depth + 1));
    else
      all(layout.sortKeys ? sorted(each.members) : each.members, ["{", "}"], depth, ({ key, value }) => {
        put(`${key}:${layout.indent > 0 ? " " : ""}`);
        write(value, depth + 1);
      });
  };
  write(node, 0);
  return text;
}

type Members = Extract<JsonNode, { type: "object" }>["members"];

/** By the characters that the keys stand for; of equal ones the order stays. */
function sorted(members: Members): Members {
  const named = members.map((member) => ({ member, name: nameOf(member.key) }));
  return named
    .toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
    .map(({ member }) => member);
}

/** What a key stands for, as it is without its escapes. */
const nameOf = (key: string) => (key.includes("\\") ? (JSON.parse(key) as string) : key.slice(1, -1));

/** Keys that stand more than once in an object, as paths from the top; programs keep only one of their values. */
export function doubleKeys(node: JsonNode, most: number): string[] {
  const found: string[] = [];
  const visit = (each: JsonNode, path: string): void => {
    if (found.length >= most) return;
    if (each.type === "array")
      for (const [index, item] of each.items.entries()) visit(item, `${path}[${index}]`);
    if (each.type !== "object") return;
    const seen = new Set<string>();
    for (const { key, value } of each.members) {
      const name = nameOf(key);
      const here = path === "" ? name : `${path}.${name}`;
      if (seen.has(name) && !found.includes(here)) found.push(here.slice(0, 200));
      seen.add(name);
      visit(value, here);
    }
  };
  visit(node, "");
  return found.slice(0, most);
}
