// The command line of `npm run chat`: its options, its question, its help.
import { parseArgs } from "node:util";
import { toError } from "../../lib/errors.ts";
import type { StandingAnswer } from "./approvals.ts";

export type ChatArguments = {
  question: string | undefined;
  answer: StandingAnswer;
  model: string | undefined;
  session: string | undefined;
  run: string | undefined;
  help: boolean;
};

export const HELP = `npm run chat -- [options] ["question"]

Without a question it is a conversation; a question can also come through a pipe.

  --model <provider/model>  the model to ask; the server's default unless given
  --session <id>            goes on with a session
  --run <id>                follows a run that is under way, and answers its questions
  --yes, --no               answers every question of a tool the same way
  --help                    this text

It talks to MACJARVIS_URL with MACJARVIS_KEY, or to the server of this machine with the owner's key.
Exit code: 0 completed, 1 failed, 2 waits for an answer that nobody can give here, 130 cancelled.
`;

/** @throws Error in words when an option is unknown or contradicts another */
export function readArguments(argv: string[]): ChatArguments {
  const { values, positionals } = parse(argv);
  if (values.yes && values.no) throw new Error("--yes and --no exclude each other.");
  const question = positionals.join(" ").trim();
  if (values.run && question) throw new Error("--run follows a run that is there: it takes no question.");
  return {
    question: question === "" ? undefined : question,
    answer: values.yes ? "approve" : values.no ? "deny" : undefined,
    model: values.model,
    session: values.session,
    run: values.run,
    help: values.help === true,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        model: { type: "string" },
        session: { type: "string" },
        run: { type: "string" },
        yes: { type: "boolean", short: "y" },
        no: { type: "boolean", short: "n" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (thrown) {
    // Node's own words begin well and end with advice about "--" that does not fit npm.
    const fault = toError(thrown).message.split(". ")[0];
    throw new Error(`${fault}. npm run chat -- --help lists the options; put a question in quotes.`);
  }
}
