// The words of the command lines in the languages they speak: one table, so that nothing is said in one of them only. What is
// said elsewhere (by the server, by what it stands on, by tools) comes in English and goes through `said`.

import { inChinese } from "../../lib/client/phrases.ts";
import { terminalLocale } from "../../lib/env.ts";
import { AUDIT } from "./texts/audit.ts";
import { CHAT } from "./texts/chat.ts";
import { CLUSTER } from "./texts/cluster.ts";
import { COMMAND_LINE } from "./texts/command-line.ts";
import { COMMANDS } from "./texts/commands.ts";
import { CONNECTION } from "./texts/connection.ts";
import { CONSOLE } from "./texts/console.ts";
import { DOCTOR } from "./texts/doctor.ts";
import { DOCTOR_CLUSTER } from "./texts/doctor-cluster.ts";
import { EDGE } from "./texts/edge.ts";
import { MIGRATE } from "./texts/migrate.ts";
import { NODE } from "./texts/node.ts";
import { NODES } from "./texts/nodes.ts";
import { QUESTIONS } from "./texts/questions.ts";
import { REPL } from "./texts/repl.ts";
import { START } from "./texts/start.ts";
import { USER } from "./texts/user.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Texts = ReturnType<typeof textsFor>;

export function textsFor(language: Language) {
  return {
    language,
    /** A sentence of the server's, of a provider's or of a tool's, in this language. */
    said: language === "zh" ? inChinese : (text: string) => text,
    audit: AUDIT[language],
    chat: CHAT[language],
    cluster: CLUSTER[language],
    commandLine: COMMAND_LINE[language],
    commands: COMMANDS[language],
    connection: CONNECTION[language],
    console: CONSOLE[language],
    doctor: DOCTOR[language],
    edge: EDGE[language],
    migrate: MIGRATE[language],
    doctorCluster: DOCTOR_CLUSTER[language],
    node: NODE[language],
    nodes: NODES[language],
    questions: QUESTIONS[language],
    repl: REPL[language],
    start: START[language],
    user: USER[language],
  };
}

/** The language of a locale as `LANG` has it: every Chinese one is answered in simplified Chinese, all others in English. */
export function languageOf(locale: string | undefined): Language {
  return /^zh(?![a-z])/i.test(locale ?? "") ? "zh" : "en";
}

/** In the language of whoever started this program. */
export function ownTexts(): Texts {
  return textsFor(languageOf(terminalLocale()));
}
