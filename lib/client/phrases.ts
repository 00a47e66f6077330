// What the server, a model's provider or a tool says comes in English. Here it is said in Chinese: by tables of whole sentences
// with holes, looked up by their English words as gettext does, so that no protocol has to carry a language. A sentence without
// an entry stays as it is; `phrases.test.ts` holds the tables to the sentences that the code has.
import { ACCOUNTS } from "./phrases/accounts.ts";
import { ADMINISTRATION } from "./phrases/administration.ts";
import { AUDIT_TRAIL } from "./phrases/audit-trail.ts";
import { BETWEEN_SERVICES } from "./phrases/between-services.ts";
import { CLUSTER } from "./phrases/cluster.ts";
import { DAMAGE } from "./phrases/damage.ts";
import { DATA_FOLDER } from "./phrases/data-folder.ts";
import { DOORS } from "./phrases/doors.ts";
import { EDGE_KEYS } from "./phrases/edge-keys.ts";
import { ERROR_TITLES } from "./phrases/error-titles.ts";
import { FILES } from "./phrases/files.ts";
import { JOINED_MACS } from "./phrases/joined-macs.ts";
import { LOAD } from "./phrases/load.ts";
import { MAC } from "./phrases/mac.ts";
import { MCP } from "./phrases/mcp.ts";
import { MODELS } from "./phrases/models.ts";
import { MOVE } from "./phrases/move.ts";
import type { Phrase } from "./phrases/phrase.ts";
import { PLUGINS } from "./phrases/plugins.ts";
import { REQUESTS } from "./phrases/requests.ts";
import { RIGHTS } from "./phrases/rights.ts";
import { RULES } from "./phrases/rules.ts";
import { RUNS } from "./phrases/runs.ts";
import { SANDBOX } from "./phrases/sandbox.ts";
import { SERVER_TOOLS } from "./phrases/server-tools.ts";
import { STORES } from "./phrases/stores.ts";
import { TOOLS } from "./phrases/tools.ts";
import { VALUES } from "./phrases/values.ts";
import { VARIABLES } from "./phrases/variables.ts";

export const PHRASES: readonly Phrase[] = [
  ...VARIABLES,
  ...DATA_FOLDER,
  ...DAMAGE,
  ...CLUSTER,
  ...DOORS,
  ...EDGE_KEYS,
  ...STORES,
  ...AUDIT_TRAIL,
  ...PLUGINS,
  ...SANDBOX,
  ...MOVE,
  ...MAC,
  ...MODELS,
  ...RIGHTS,
  ...ACCOUNTS,
  ...REQUESTS,
  ...BETWEEN_SERVICES,
  ...RUNS,
  ...LOAD,
  ...FILES,
  ...JOINED_MACS,
  ...VALUES,
  ...TOOLS,
  ...SERVER_TOOLS,
  ...MCP,
  ...RULES,
  ...ADMINISTRATION,
];

/** `parts`: literal, hole, literal, … */
type Compiled = { parts: string[]; longest: string; weight: number; chinese: string; quoted: Set<string> };

const HOLE = /\{(\w+)\}/g;
const QUOTED = /"\{(\w+)\}"/g;
const OF_A_SENTENCE = 10_000;
const WIDE_END = /[（），。：；？”]$/;
const NUMBERS = new Set(["count", "seconds", "status", "most", "least", "place", "number"]);
/** Sentences in sentences: deeper than any that there is. */
const MOST_DEEP = 6;

let compiled: Compiled[] | undefined;

/** The text in Chinese, line by line; lines without an entry as they are. */
export function inChinese(text: string): string {
  return text
    .split("\n")
    .map((line) => {
      const [, indent = "", words = ""] = /^(\s*)(.*)$/s.exec(line) ?? [];
      return indent + translated(words, 0);
    })
    .join("\n");
}

/** A refusal: where there is no Chinese for what it says, the Chinese words of its code go before that. */
export function refusalInChinese(code: string, detail: string): string {
  const said = inChinese(detail);
  if (said !== detail) return said;
  const title = Object.hasOwn(ERROR_TITLES, code) ? ERROR_TITLES[code] : undefined;
  return title === undefined ? detail : `${title}（${detail}）`;
}

function translated(text: string, depth: number): string {
  if (depth > MOST_DEEP || !/[a-z]/i.test(text)) return text;
  compiled ??= PHRASES.map(compile).toSorted((a, b) => b.weight - a.weight);
  for (const { parts, longest, chinese, quoted } of compiled) {
    const held = text.includes(longest) ? heldBy(parts, text) : undefined;
    if (!held) continue;
    return filled(chinese, (name) => {
      const words = held.get(name) ?? "";
      return quoted.has(name) ? words : translated(words, depth + 1);
    });
  }
  return text;
}

/**
 * What stands in the holes when the text is this sentence. Each literal is taken where it comes first, without going back: a text
 * that a model or a stranger has made cannot make it slow.
 */
function heldBy(parts: string[], text: string): Map<string, string> | undefined {
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return text === first ? new Map() : undefined;
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return undefined;
  const held = new Map<string, string>();
  let at = first.length;
  for (let hole = 1; hole < parts.length; hole += 2) {
    const name = parts[hole] ?? "";
    const literal = parts[hole + 1] ?? "";
    const next = hole === parts.length - 2 ? end : text.indexOf(literal, at);
    const words = text.slice(at, next);
    if (next < at || next > end || !fits(name, words)) return undefined;
    held.set(name, words);
    at = next + literal.length;
  }
  return held;
}

function fits(hole: string, words: string): boolean {
  if (NUMBERS.has(hole)) return /^\d[\d,.]*$/.test(words);
  return !/^[A-Z]/.test(hole) || /^[A-Z][A-Z0-9_]*$/.test(words);
}

/** The Chinese with its holes filled; beside the wide signs that some of them end with stands no space. */
function filled(chinese: string, wordsIn: (hole: string) => string): string {
  let out = "";
  for (const [index, part] of chinese.split(HOLE).entries())
    if (index % 2 === 1) out += wordsIn(part);
    else out += WIDE_END.test(out) ? part.trimStart() : part;
  return out;
}

/** Whole sentences come before what may stand in them, and of each the one with the most words of its own. */
function compile([english, chinese]: Phrase): Compiled {
  const pieces = piecesOf(english);
  return {
    parts: english.split(HOLE),
    longest: pieces.toSorted((a, b) => b.length - a.length)[0] ?? "",
    weight: pieces.join("").length + (english.endsWith(".") ? OF_A_SENTENCE : 0),
    chinese,
    quoted: new Set([...english.matchAll(QUOTED)].map(([, name = ""]) => name)),
  };
}

/** What of a phrase stands in the code as it is. */
export function piecesOf(english: string): string[] {
  return english.split(HOLE).filter((part, index) => index % 2 === 0 && part !== "");
}
