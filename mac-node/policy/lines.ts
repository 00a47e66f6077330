// Where things stand in a text of JSON: the line of each value, and names that are given twice, of which JSON.parse takes the last
// without a word.

export type Lines = {
  /** Line, from 1, of each value by its path: `tools.allow.0`. */
  of: Map<string, number>;
  /** Paths that are there twice, with the line of the second. */
  twice: { path: string; line: number }[];
};

type Level = { path: string; index: number | undefined; name: string | undefined; names: Set<string> };

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:\n]|[^\s{}[\],:"]+/g;

/** @param text valid JSON */
export function linesOf(text: string): Lines {
  const lines: Lines = { of: new Map(), twice: [] };
  const levels: Level[] = [];
  let line = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "\n") line += 1;
    else if (token === "{" || token === "[") {
      const path = noted(lines, level, line);
      levels.push({ path, index: token === "[" ? 0 : undefined, name: undefined, names: new Set() });
    } else if (token === "}" || token === "]") levels.pop();
    else if (token === ",") next(level);
    else if (token === ":") continue;
    else if (level && level.index === undefined && level.name === undefined) {
      level.name = String(JSON.parse(token));
      if (level.names.has(level.name)) lines.twice.push({ path: pathIn(level), line });
      level.names.add(level.name);
    } else noted(lines, level, line);
  }
  return lines;
}

function noted({ of }: Lines, level: Level | undefined, line: number): string {
  const path = level ? pathIn(level) : "";
  // A name that has a dot, or none, may read like another path: the first one keeps it.
  if (!of.has(path)) of.set(path, line);
  return path;
}

function pathIn({ path, index, name }: Level): string {
  const part = index === undefined ? (name ?? "") : String(index);
  return path === "" ? part : `${path}.${part}`;
}

function next(level: Level | undefined): void {
  if (!level) return;
  if (level.index === undefined) level.name = undefined;
  else level.index += 1;
}

/** Of the value itself, else of what it is missing in. */
export function lineOf(lines: Map<string, number>, path: string): number {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const line = lines.get(at);
    if (line !== undefined) return line;
    if (at === "") return 1;
  }
}

/** Why a text is no JSON, with the line: V8 says where in its message, where it has a place, and quotes the text, which may be a secret. */
export function syntaxFault({ message }: Error, text: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  const atEnd = /end of JSON input/.test(message);
  const end = position === undefined ? (atEnd ? text.length : undefined) : Number(position);
  const said = message.replace(/ in JSON at position.*| \(line.*|, ("|\.\.\.)[\s\S]*$/, "");
  if (end === undefined) return `it is not JSON: ${said}`;
  return `line ${text.slice(0, end).split("\n").length}: it is not JSON: ${said}`;
}
