// What `npm start` prints once the server runs: where it is, what it uses, what is missing, and the next command.
import { type Colours, coloursFor } from "../terminal/colours.ts";
import type { Facts } from "./facts.ts";

/** @param colours those of standard output unless said */
export function banner(facts: Facts, colours: Colours = coloursFor(process.stdout)): string {
  const row = (label: string, ...lines: string[]) =>
    lines.map((line, index) => `  ${colours.dim((index === 0 ? label : "").padEnd(9))}${line}`);
  const lines = [
    "",
    `  ${colours.bold(colours.green("MacJarvis is running"))}`,
    "",
    ...row("URL", colours.cyan(facts.url) + (facts.isPublic ? " (and this machine's other addresses)" : "")),
    ...row("Data", facts.home),
    ...row("Model", ...modelLines(facts, colours)),
    ...row("Tools", toolsLine(facts)),
    ...row("Sandbox", facts.sandbox === "on" ? "on" : colours.yellow(facts.sandbox)),
    ...(facts.metricsUrl === undefined ? [] : row("Metrics", facts.metricsUrl)),
  ];
  const warnings = warningsOf(facts);
  if (warnings.length > 0) lines.push("");
  for (const { loud, text } of warnings) lines.push(...warningLines(loud, text, colours));
  lines.push(
    "",
    ...row(
      "Next",
      colours.bold(`${facts.prefix}npm run chat -- "How full is my disk?"`),
      `${facts.prefix}npm run doctor`,
    ),
    "",
  );
  return `${lines.join("\n")}\n`;
}

function modelLines({ models, defaultModel }: Facts, colours: Colours): string[] {
  if (defaultModel === "demo/demo")
    return [
      `${colours.yellow("demo/demo")}, a small rule-based stand-in, not a real model. For a real one set`,
      "OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or OPENAI_BASE_URL (Ollama, vLLM …), and start again.",
    ];
  const others = models.filter(({ available, id }) => available && id !== defaultModel && id !== "demo/demo");
  const more = others.length === 0 ? "" : colours.dim(`  (+${others.length} more, in the chat: /models)`);
  const isUsable = models.some(({ available, id }) => available && id === defaultModel);
  return [
    (isUsable ? colours.cyan(defaultModel) : colours.yellow(`${defaultModel}, cannot be used now`)) + more,
  ];
}

function toolsLine({ tools, roots, hostTools }: Facts): string {
  const who = hostTools === "all" ? "all users" : "admins only";
  return `${tools} on this machine, for ${who}; files in ${roots.join(", ")}`;
}

type Warning = { loud: boolean; text: string };

function warningsOf(facts: Facts): Warning[] {
  const warnings: Warning[] = [];
  const warn = (text: string, loud = false) => warnings.push({ loud, text });
  for (const problem of facts.problems)
    warn(`Not ready: ${problem}. Chats are refused until that is mended.`, true);
  if (facts.sandbox === "off")
    warn(
      "SANDBOX=off: commands that the model runs are not confined. Unset SANDBOX to confine them again.",
      true,
    );
  if (facts.sandbox === "unavailable")
    warn(
      `No sandbox, so tools that run commands refuse. ${facts.sandboxProblem ?? "npm run doctor tells why."}`,
    );
  if (facts.hostTools === "all")
    warn(
      "HOST_TOOLS=all: every user of this server may use this machine's tools. Unset it to keep them for admins.",
      true,
    );
  const model = facts.models.find(({ id }) => id === facts.defaultModel);
  if (model && !model.available)
    warn(
      `The default model ${model.id} cannot be used: ${model.reason ?? "its provider is not set up"}.`,
      true,
    );
  for (const reason of otherServerFaults(facts)) warn(`${reason}.`);
  for (const fault of facts.modelFaults) warn(`${fault}.`, true);
  if (facts.isPublic)
    warn(
      "Reachable from other machines over plain HTTP: put a TLS proxy in front (TRUSTED_PROXIES), and name the hosts\n" +
        "that others call it by in ALLOWED_HOSTS.",
    );
  if (facts.isPublic && facts.registration === "invite")
    warn(
      "Nobody can register: an admin makes the accounts (POST /api/v1/admin/users), or set REGISTRATION=open.",
    );
  if (facts.isPublic && facts.registration === "open")
    warn("REGISTRATION=open: anybody who reaches this server can make an account.", true);
  return warnings;
}

/** What is wrong with servers besides the default model's; each once, not for each of its models. */
function otherServerFaults({ models, defaultModel }: Facts): string[] {
  const ofDefault = models.find(({ id }) => id === defaultModel)?.reason;
  const reasons = models.flatMap(({ reason }) => (reason?.startsWith("the server of ") ? [reason] : []));
  return [...new Set(reasons)]
    .filter((reason) => reason !== ofDefault)
    .map((reason) => `T${reason.slice(1)}`);
}

function warningLines(loud: boolean, text: string, colours: Colours): string[] {
  const mark = loud ? colours.bold(colours.red("!!")) : colours.yellow("! ");
  return text.split("\n").map((line, index) => `  ${index === 0 ? mark : "  "} ${line}`);
}
