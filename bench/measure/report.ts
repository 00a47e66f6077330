// Prints the rows and keeps them in bench/results/.
import { mkdirSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { isPinned, ROOT } from "./processes.ts";
import type { Row } from "./row.ts";
import type { Spread } from "./statistics.ts";

/** Where and how it was measured. */
export function machine(): Record<string, string | number | boolean> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    platform: `${process.platform} ${arch()}`,
    node: process.version,
    pinned: isPinned,
    load_average_before: Number(loadavg()[0]?.toFixed(2)),
  };
}

/** The rows as a Markdown table, with the notes below it. */
export function table(rows: Row[]): string {
  const head = ["goal", "what", "ours", "references", "ratio", "target", "reached"];
  const lines = rows.map(({ goal, what, unit, ours, references, ratio, target, reached, missedBy }) => [
    goal,
    what,
    ours ? `${inWords(ours)} ${unit}` : "not measured",
    Object.entries(references)
      .map(([name, spread]) => `${name} ${inWords(spread)}`)
      .join("; "),
    ratio ? inWords(ratio) : "",
    target,
    reached === undefined ? "" : reached ? "yes" : `no, by ${number(missedBy ?? 0)} ×`,
  ]);
  const notes = rows.flatMap(({ goal, what, notes }) => notes.map((note) => `- ${goal} ${what}: ${note}`));
  const cells = [head, head.map(() => "---"), ...lines];
  return `${cells.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n\n${notes.join("\n")}\n`;
}

/** @returns the path of the Markdown file; beside it lies a .json with the same */
export function keep(
  rows: Row[],
  facts: ReturnType<typeof machine>,
  profiles: Record<string, string[]>,
): string {
  const folder = join(ROOT, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const name = join(folder, at.slice(0, 16).replace("T", "-").replace(":", ""));
  writeFileSync(`${name}.json`, `${JSON.stringify({ at, machine: facts, rows, profiles }, null, 2)}\n`);
  const about = Object.entries(facts)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
  const listings = Object.entries(profiles).map(
    ([title, lines]) => `\n## ${title}\n\n\`\`\`\n${lines.join("\n")}\n\`\`\`\n`,
  );
  writeFileSync(`${name}.md`, `# Benchmark ${at}\n\n${about}\n\n${table(rows)}${listings.join("")}`);
  return `${name}.md`;
}

/** `median (min–max)` */
function inWords({ median, min, max, rounds }: Spread): string {
  return rounds > 1 && min !== max ? `${number(median)} (${number(min)}–${number(max)})` : number(median);
}

function number(value: number): string {
  if (Math.abs(value) >= 10_000) return `${(value / 1_000).toFixed(1)} k`;
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
