// What the demo model understands: a message becomes tool calls by fixed rules, in English and in Chinese. Used by demo.ts.
import type { Language } from "./words.ts";

export type Intent = { tool: string; args: Record<string, unknown> };

/** `language`: the one to answer in. */
export type Understood = { intents: Intent[]; language: Language };

type Rule = { pattern: RegExp; read: (found: RegExpExecArray) => Intent | undefined };

const POLITE = String.raw`^\s*(?:please\s+|can you\s+|could you\s+|now\s+)*`;
const POLITE_CHINESE = String.raw`^\s*(?:请问?|請問?|麻烦|麻煩|劳驾|帮我|幫我|帮忙|给我|給我|替我|能不能|能否|可以|可不可以|你|您|我想|我要|现在|現在|再|先|[，,、]|\s)*`;

const rule =
  (polite: string) =>
  (pattern: string, read: Rule["read"]): Rule => ({ pattern: new RegExp(polite + pattern, "isu"), read });
const english = rule(POLITE);
const chinese = rule(POLITE_CHINESE);

const runs = (command: string): Intent => ({ tool: "execute_shell_command", args: { command } });
const writes = (path: string, content: string): Intent => ({ tool: "write_file", args: { path, content } });
const lists = (path: string): Intent => ({ tool: "list_directory", args: { path } });
const reads = (path: string): Intent => ({ tool: "read_file", args: { path } });

/** Orders with an object of their own; the first that fits is the whole message. */
const ORDERS: Rule[] = [
  english(String.raw`run\s+(?:the\s+command\s+)?(.+)$`, ([, command = ""]) => runs(unquoted(command))),
  english(
    String.raw`write\s+(.+?)\s+(?:in)?to\s+(?:the\s+file\s+)?(\S+|"[^"]+")\s*$`,
    ([, content = "", path = ""]) => writes(unquoted(path), unquoted(content)),
  ),
  english(
    String.raw`list\s+(?:the\s+|all\s+)?files(?:\s+in\s+([^\n]+?))?\s*[.?!]?\s*(?:\n.*)?$`,
    ([, path]) => lists(path ? unquoted(path) : "."),
  ),
  // What comes through a pipe stands below the question and is no part of a path.
  english(String.raw`read\s+(?:the\s+file\s+)?([^\n]+?)\s*(?:\n.*)?$`, ([, path = ""]) =>
    reads(unquoted(path)),
  ),
];

const FILE = "(?:文件|檔案|档案)";
const FOLDER = "(?:目录|目錄|文件夹|資料夾|资料夹)";
const INSIDE = "(?:里面|裡面|里|裡|裏|中|下面|下|内|內|上)?";
/** A path: something quoted, or without spaces and beginning like one. */
const PATH = String.raw`(“[^”]+”|「[^」]+」|『[^』]+』|《[^》]+》|‘[^’]+’|"[^"]+"|'[^']+'|\S+?)`;
const ENDING = String.raw`\s*[。！？.!?]?\s*$`;

const CHINESE_ORDERS: Rule[] = [
  // A command begins with a Latin letter, a sign or a quote: "运行时间" asks for none.
  chinese(
    String.raw`(?:运行|執行|执行|運行|跑)(?:一下|这条|這條|这个|這個|以下)*(?:命令|指令)?\s*[:：]?\s*([!-~“「『‘].*)$`,
    ([, command = ""]) => runs(unquoted(command.replace(/[。！]\s*$/u, ""))),
  ),
  chinese(
    String.raw`(?:把|将|將)\s*(.+?)\s*(?:写|寫|存|保存|储存)(?:入|到|进|進|在)?\s*${FILE}?\s*${PATH}${FILE}?${INSIDE}${ENDING}`,
    ([, content = "", path = ""]) => writes(unquoted(path), unquoted(content)),
  ),
  chinese(
    String.raw`(?:在|往|向)\s*${FILE}?\s*${PATH}\s*${FILE}?${INSIDE}\s*(?:写入?|寫入?)(?:上|下)?\s*[:：]?\s*(.+?)${ENDING}`,
    ([, path = "", content = ""]) => writes(unquoted(path), unquoted(content)),
  ),
  chinese(
    String.raw`(?:写入?|寫入?)\s*(.+?)\s*(?:到|进|進|至|入)\s*${FILE}?\s*${PATH}${FILE}?${INSIDE}${ENDING}`,
    ([, content = "", path = ""]) => writes(unquoted(path), unquoted(content)),
  ),
  chinese(
    String.raw`(?:列出|列一下|列|显示|顯示|查看|看看)\s*(.*?)\s*${FOLDER}?${INSIDE}的?(?:所有|全部)?的?${FILE}(?:列表)?(?:有哪些)?${ENDING}`,
    ([, path = ""]) => lists(folderOf(path)),
  ),
  chinese(
    String.raw`(?:列出|列一下)\s*${FOLDER}?\s*([~/.].*?)${FOLDER}?(?:的内容)?${ENDING}`,
    ([, path = ""]) => lists(unquoted(path)),
  ),
  chinese(
    String.raw`(.*?)\s*${FOLDER}?${INSIDE}(?:都)?有(?:哪些|什么|什麼|些什么)${FILE}${ENDING}`,
    ([, path = ""]) => lists(folderOf(path)),
  ),
  chinese(
    String.raw`(?:读取?|讀取?)(?:一下)?\s*${FILE}?\s*(.+?)\s*(?:这个)?${FILE}?(?:的内容)?${ENDING}`,
    ([, path = ""]) => (isPath(path) || wordsIn(path).length === 0 ? reads(unquoted(path)) : undefined),
  ),
  chinese(
    String.raw`(?:打开|打開|查看|看看|看一下|显示|顯示)\s*${FILE}?\s*(.+?)\s*${FILE}?(?:的内容|里的内容)?${ENDING}`,
    ([, path = ""]) => (isPath(path) ? reads(unquoted(path)) : undefined),
  ),
];

/** Words that ask for something wherever they stand; one message may have several. */
const WORDS: { pattern: RegExp; tool: string }[] = [
  { pattern: /\bdisks?\b|磁盘|硬盘|磁碟|硬碟|剩余空间|存储空间/iu, tool: "disk_usage" },
  { pattern: /\bmemory\b|内存|記憶體|记忆体/iu, tool: "system_info" },
  { pattern: /\bprocess(es)?\b|进程|進程|处理程序|處理程序/iu, tool: "top_processes" },
];

/** Patterns look at every way to part a text: of what is long, or long and empty, none is tried, so that no message costs a second. */
const isShort = (text: string, most: number) => text.length <= most && !/\s{50}/.test(text);
const MOST_ENGLISH = 50_000;
const MOST_CHINESE = 2_000;

/** @returns no calls when the demo does not understand the message */
export function understand(message: string): Understood {
  const order = (rules: Rule[]) => {
    for (const { pattern, read } of rules) {
      const found = pattern.exec(message);
      const intent = found && read(found);
      if (intent) return [intent];
    }
    return undefined;
  };
  const inEnglish = isShort(message, MOST_ENGLISH) ? order(ORDERS) : undefined;
  if (inEnglish) return { intents: inEnglish, language: "en" };
  const language = /\p{Script=Han}/u.test(message) ? "zh" : "en";
  const isTried = language === "zh" && isShort(message, MOST_CHINESE);
  return { intents: (isTried ? order(CHINESE_ORDERS) : undefined) ?? wordsIn(message), language };
}

function wordsIn(text: string): Intent[] {
  return WORDS.filter(({ pattern }) => pattern.test(text)).map(({ tool }) => ({ tool, args: {} }));
}

/** A name with a dot or a slash, or one in quotes. */
function isPath(text: string): boolean {
  return /[/.~]|^[“「『《‘"']/u.test(text.trim());
}

/** "这里" and its like are the folder where one is. */
function folderOf(text: string): string {
  const path = text
    .trim()
    .replace(/(?:所有|全部)$/u, "")
    .trim();
  return /^(?:|这里|這裡|这儿|当前|目前|此|本|当前的?目录|这个)$/u.test(path) ? "." : unquoted(path);
}

const QUOTES = /^(?:(["'`])(.*)\1|“(.*)”|‘(.*)’|「(.*)」|『(.*)』|《(.*)》)$/su;

function unquoted(text: string): string {
  const trimmed = text.trim();
  const found = QUOTES.exec(trimmed);
  return found?.slice(2).find((inner) => inner !== undefined) ?? trimmed;
}
