// Texts about options of any command line.

const en = {
  unknownOption: (option: string) => `There is no option ${option}`,
  needsValue: (option: string) => `The option ${option} needs a value behind it`,
  takesNoValue: (option: string) => `The option ${option} takes no value`,
};

const zh: typeof en = {
  unknownOption: (option) => `没有 ${option} 这个选项`,
  needsValue: (option) => `选项 ${option} 后面要写一个值`,
  takesNoValue: (option) => `选项 ${option} 后面不能写值`,
};

export const COMMAND_LINE = { en, zh };
