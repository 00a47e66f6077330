// What `npm start` prints once the server runs: where it is, what it uses, what is missing, and the next command.
import { isLoopback } from "../../lib/net/is-loopback.ts";
import { type Colours, coloursFor } from "../terminal/colours.ts";
import { widthOf } from "../terminal/fit-line.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { wrapText } from "../terminal/wrap.ts";
import type { Facts } from "./facts.ts";

type Looks = { colours?: Colours; texts?: Texts; columns?: number };

/** @param looks colours and columns those of standard output, texts the English ones unless said; a file has no columns */
export function banner(
  facts: Facts,
  {
    colours = coloursFor(process.stdout),
    texts = textsFor("en"),
    columns = process.stdout.columns ?? Number.POSITIVE_INFINITY,
  }: Looks = {},
): string {
  const { start } = texts;
  const width = Math.max(...Object.values(start.rows).map(widthOf)) + 2;
  const label = (name: string) => colours.dim(name + " ".repeat(width - widthOf(name)));
  const row = (name: string, ...lines: string[]) =>
    lines.map((line, index) => `  ${label(index === 0 ? name : "")}${line}`);
  const fitted = (text: string, before: number) => fitLines(text, columns - before - 1);
  const { rows, sandbox } = start;
  const macsLines = (urls: string) => {
    const isHere = urls.split(",").every((url) => isLoopback(new URL(url).hostname));
    return fitted(start.macs(isHere), width + 2);
  };
  const lines = [
    "",
    `  ${colours.bold(colours.green(start.running))}`,
    "",
    ...row(
      rows.url,
      ...fitted(facts.url + (facts.isPublic ? start.andOthers : ""), width + 2).map((line) =>
        line.replace(facts.url, colours.cyan),
      ),
    ),
    ...(facts.consoleLink === undefined
      ? []
      : row(rows.console, colours.cyan(facts.consoleLink), ...fitted(start.consoleOnce, width + 2))),
    ...row(rows.data, facts.home),
    ...row(rows.model, ...modelLines(facts, colours, texts, (text) => fitted(text, width + 2))),
    ...row(rows.tools, ...fitted(toolsLine(facts, texts), width + 2)),
    ...row(rows.sandbox, facts.sandbox === "on" ? sandbox.on : colours.yellow(sandbox[facts.sandbox])),
    ...(facts.edgeUrl === undefined ? [] : row(rows.edge, facts.edgeUrl, ...macsLines(facts.edgeUrl))),
    ...(facts.metricsUrl === undefined ? [] : row(rows.metrics, facts.metricsUrl)),
  ];
  const warnings = warningsOf(facts, texts);
  if (warnings.length > 0) lines.push("");
  for (const { loud, text } of warnings) lines.push(...warningLines(loud, fitted(text, 5), colours));
  lines.push(
    "",
    ...row(
      rows.next,
      colours.bold(`${facts.prefix}npm run chat -- "${start.question}"`),
      `${facts.prefix}npm run doctor`,
    ),
    "",
  );
  return `${lines.join("\n")}\n`;
}

function modelLines(
  { models, defaultModel }: Facts,
  colours: Colours,
  { start }: Texts,
  fitted: (text: string) => string[],
): string[] {
  if (defaultModel === "demo/demo")
    return [start.demoModel(defaultModel), start.demoVariables]
      .flatMap(fitted)
      .map((line) => line.replace(defaultModel, colours.yellow));
  const others = models.filter(({ available, id }) => available && id !== defaultModel && id !== "demo/demo");
  const more = others.length === 0 ? "" : colours.dim(`  ${start.moreModels(others.length)}`);
  const isUsable = models.some(({ available, id }) => available && id === defaultModel);
  return [(isUsable ? colours.cyan(defaultModel) : colours.yellow(start.modelGone(defaultModel))) + more];
}

function toolsLine({ tools, roots, hostTools }: Facts, { start }: Texts): string {
  return start.tools(tools, hostTools === "all" ? "all" : "admins", roots.join(", "));
}

/** As it is where it fits, else broken between words. */
function fitLines(text: string, columns: number): string[] {
  return widthOf(text) <= columns ? [text] : wrapText(text, Math.max(20, columns));
}

type Warning = { loud: boolean; text: string };

function warningsOf(facts: Facts, { start, said }: Texts): Warning[] {
  const warnings: Warning[] = [];
  const warn = (text: string, loud = false) => warnings.push({ loud, text });
  for (const problem of facts.problems) warn(start.notReady(said(problem)), true);
  if (facts.sandbox === "off") warn(start.sandboxOff, true);
  if (facts.sandbox === "unavailable")
    warn(start.noSandbox(facts.sandboxProblem ? said(facts.sandboxProblem) : start.doctorTells));
  if (facts.hostTools === "all") warn(start.hostToolsAll, true);
  const model = facts.models.find(({ id }) => id === facts.defaultModel);
  if (model && !model.available)
    warn(start.modelRefused(model.id, model.reason ? said(model.reason) : start.providerMissing), true);
  for (const reason of otherServerFaults(facts)) warn(start.sentence(said(reason)));
  for (const fault of facts.modelFaults) warn(start.sentence(said(fault)), true);
  if (facts.isPublic) warn(start.plainHttp);
  if (facts.isPublic && facts.registration === "invite") warn(start.invite);
  if (facts.isPublic && facts.registration === "open") warn(start.open, true);
  return warnings;
}

/** What is wrong with servers besides the default model's. */
function otherServerFaults({ models, defaultModel, serverFaults = [] }: Facts): string[] {
  const ofDefault = models.find(({ id }) => id === defaultModel)?.reason;
  return serverFaults.filter((fault) => fault !== ofDefault).map((fault) => `T${fault.slice(1)}`);
}

function warningLines(loud: boolean, lines: string[], colours: Colours): string[] {
  const mark = loud ? colours.bold(colours.red("!!")) : colours.yellow("! ");
  return lines.map((line, index) => `  ${index === 0 ? mark : "  "} ${line}`);
}
