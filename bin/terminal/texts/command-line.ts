// Texts about options of any command line, and the signs between words.

const en = {
  unknownOption: (option: string) => `There is no option ${option}`,
  needsValue: (option: string) => `The option ${option} needs a value behind it`,
  takesNoValue: (option: string) => `The option ${option} takes no value`,
  /** Words in brackets, behind others. */
  aside: (words: string) => ` (${words})`,
  /** Between things that are listed. */
  comma: ", ",
  named: (name: string, value: string) => `${name}: ${value}`,
};

const zh: typeof en = {
  unknownOption: (option) => `没有 ${option} 这个选项`,
  needsValue: (option) => `选项 ${option} 后面要写一个值`,
  takesNoValue: (option) => `选项 ${option} 后面不能写值`,
  aside: (words) => `（${words}）`,
  comma: "，",
  named: (name, value) => `${name}：${value}`,
};

export const COMMAND_LINE = { en, zh };
