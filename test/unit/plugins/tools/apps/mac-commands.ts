// A Mac for tools of this folder: its commands are answered by the test, and what they were given is kept.
import type { CommandResult, RunOptions } from "../../../../../contracts/tools.ts";
import type { TestContext } from "../../../../support/tool-context.ts";

export type Ran = { argv: string[]; options: RunOptions | undefined };
type Answer = (
  argv: string[],
  options: RunOptions | undefined,
) => Partial<CommandResult> | Promise<Partial<CommandResult>>;
export type MacContext = TestContext & { ran: Ran[] };

const DONE: CommandResult = {
  exit_code: 0,
  signal: null,
  stdout: "",
  stderr: "",
  truncated: false,
  timed_out: false,
};

/** @param answers by the command's full path; any other command is a fault of the tool */
export function onMac(context: TestContext, answers: Record<string, Answer>): MacContext {
  const ran: Ran[] = [];
  return {
    ...context,
    ran,
    async run(argv, options) {
      ran.push({ argv, options });
      const answer = answers[argv[0] ?? ""];
      if (!answer) throw new Error(`nobody expected ${argv.join(" ")}`);
      return { ...DONE, ...(await answer(argv, options)) };
    },
  };
}
