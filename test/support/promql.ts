// What a query of Prometheus asks for, by Prometheus's own grammar.
import { parser } from "@prometheus-io/lezer-promql";

export type Selected = { metric: string; labels: string[] };

type Node = ReturnType<typeof parser.parse>["topNode"];

/** Each metric with the labels that the query expects of it. @throws on what is no query */
export function selectedBy(query: string): Selected[] {
  const found: Selected[] = [];
  const wordsOf = (node: Node) => query.slice(node.from, node.to);
  const labelsIn = (node: Node | null) => all(node, "LabelName").map(wordsOf);
  const walk = (node: Node, grouped: string[]) => {
    if (node.type.isError) throw new Error(`no query: ${query}`);
    const more = node.name === "AggregateExpr" ? labelsIn(node.getChild("AggregateModifier")) : [];
    if (node.name === "VectorSelector") {
      const metric = node.getChild("Identifier");
      if (!metric) throw new Error(`names no metric: ${query}`);
      found.push({
        metric: wordsOf(metric),
        labels: [...grouped, ...labelsIn(node.getChild("LabelMatchers"))],
      });
      return;
    }
    for (let child = node.firstChild; child; child = child.nextSibling) walk(child, [...grouped, ...more]);
  };
  walk(parser.parse(query).topNode, []);
  return found;
}

function all(node: Node | null, name: string): Node[] {
  if (!node) return [];
  const found = node.name === name ? [node] : [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(...all(child, name));
  return found;
}

/** Those that Prometheus adds itself (deploy/prometheus), and what it says of a scrape. */
const OF_PROMETHEUS = new Set(["job", "instance", "role"]);

/** What the queries want that no line of the page has. @param page the text that a process of ours shows */
export function missingOn(page: string, queries: string[]): string[] {
  const shown = new Map<string, Set<string>>();
  for (const [, metric = "", labels = ""] of page.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const names = shown.get(metric) ?? new Set();
    for (const [, name = ""] of labels.matchAll(/(\w+)="/g)) names.add(name);
    shown.set(metric, names);
  }
  const wanted = queries.flatMap(selectedBy).filter(({ metric }) => metric !== "up");
  const missing = wanted.flatMap(({ metric, labels }) => {
    const names = shown.get(metric);
    if (!names) return [metric];
    return labels
      .filter((label) => !OF_PROMETHEUS.has(label) && !names.has(label))
      .map((label) => `${metric}{${label}}`);
  });
  return [...new Set(missing)].toSorted();
}
