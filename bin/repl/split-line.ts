// A line as a shell would cut it, without any of a shell's other powers: words, and quotes around words with spaces.

/** @returns undefined when a quote is not closed */
export function splitLine(line: string): string[] | undefined {
  if (/^(?:[^"']|"[^"]*"|'[^']*')*$/.test(line) === false) return undefined;
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  );
}
