// The command line of `npm run chat`: its options and its question.
import { parseOptions } from "../terminal/parse-options.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import type { StandingAnswer } from "./approvals.ts";

const OPTIONS = {
  model: { type: "string" },
  session: { type: "string" },
  continue: { type: "boolean", short: "c" },
  run: { type: "string" },
  yes: { type: "boolean", short: "y" },
  no: { type: "boolean", short: "n" },
  help: { type: "boolean", short: "h" },
} as const;

export type ChatArguments = {
  question: string | undefined;
  answer: StandingAnswer;
  model: string | undefined;
  /** An id, or the end of one. */
  session: string | undefined;
  /** Goes on with the session that was used last. */
  continues: boolean;
  run: string | undefined;
  help: boolean;
};

/** @throws Error in words when an option is unknown or contradicts another */
export function readArguments(argv: string[], texts: Texts = textsFor("en")): ChatArguments {
  const { chat } = texts;
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.chat.badOption);
  if (values.yes && values.no) throw new Error(chat.yesOrNo);
  const question = positionals.join(" ").trim();
  if (values.run && question) throw new Error(chat.runTakesNoQuestion);
  const chosen = [values.continue, values.session, values.run].filter(Boolean);
  if (chosen.length > 1) throw new Error(chat.oneSession);
  return {
    question: question === "" ? undefined : question,
    answer: values.yes ? "approve" : values.no ? "deny" : undefined,
    model: values.model,
    session: values.session,
    continues: values.continue === true,
    run: values.run,
    help: values.help === true,
  };
}
