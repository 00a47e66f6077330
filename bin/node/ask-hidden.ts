// Asks for a value in the terminal without showing it.

const END = /[\r\n]/;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const RUB_OUT = /[\b\u007f]/;
/** What a terminal puts around text that is pasted. */
const PASTE = /\u001b\[20[01]~/g;

/** Standard input must be a terminal. @returns undefined after Ctrl-C or Ctrl-D */
export function askHidden(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  return new Promise((resolve) => {
    let typed = "";
    const done = (value: string | undefined) => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      resolve(value);
    };
    const take = (keys: string) => {
      for (const key of keys.replaceAll(PASTE, "")) {
        if (END.test(key)) return done(typed);
        if (key === CTRL_C || key === CTRL_D) return done(undefined);
        if (RUB_OUT.test(key)) typed = [...typed].slice(0, -1).join("");
        else typed += key;
      }
    };
    stdin.on("data", take);
    stdin.resume();
  });
}
