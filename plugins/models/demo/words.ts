// What the demo model says, in the language it was spoken to. Used by demo.ts and tell-result.ts.

export type Language = "en" | "zh";

const en = {
  name: "I am the demo model",
  help: (
    name: string,
  ) => `${name} of MacJarvis: fixed rules, no intelligence. I show how streaming and real tool calls look. Try one of these:
- how full is the disk?
- how much memory is there?
- which processes are running?
- list files in ~/Documents
- read notes.txt
- run uname -a
- write hello to notes.txt

For a real model stop the server, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY (or OPENAI_BASE_URL for Ollama, vLLM and the like) and start it again.`,
  missing: (name: string, tools: string[]) =>
    `${name}. For this I need ${tools.join(" and ")}, which is not offered in this run: connect a machine, or allow its tools.`,
  calls: (name: string, tools: string[]) => `${name}. I call ${tools.join(" and ")}.`,
  tells: (name: string, told: string) => `${name}. ${told}`,
  gave: (tool: string, text: string) => `${tool} gave:\n${text}`,
  failed: (tool: string, why: string, output: string) =>
    `${tool} did not work: ${why}${output && `\n${output}`}`,
  itFailed: "it failed",
  says: (tool: string, text: string) => `${tool} says:\n${text || "(nothing)"}`,
  exitCode: (code: string) => `(exit code ${code})`,
  unknown: "unknown",
  more: (count: number) => `… and ${count} more`,
};

const zh: typeof en = {
  name: "我是演示模型（demo）",
  help: (
    name,
  ) => `${name}，属于 MacJarvis：只有固定规则，没有智能，用来展示流式输出和真实的工具调用。可以试试：
- 磁盘用了多少？
- 内存有多大？
- 有哪些进程在运行？
- 列出 ~/Documents 里的文件
- 读取 notes.txt
- 运行 uname -a
- 把 hello 写入 notes.txt

要用真正的模型，请停止服务器，设置 OPENAI_API_KEY、ANTHROPIC_API_KEY 或 GEMINI_API_KEY（Ollama、vLLM 等请设置 OPENAI_BASE_URL），再重新启动。`,
  missing: (name, tools) =>
    `${name}。这需要 ${tools.join("、")}，而这次运行没有提供它：请连接一台机器，或允许使用它的工具。`,
  calls: (name, tools) => `${name}。我来调用 ${tools.join("、")}。`,
  tells: (name, told) => `${name}。${told}`,
  gave: (tool, text) => `${tool} 的结果：\n${text}`,
  failed: (tool, why, output) => `${tool} 没有成功：${why}${output && `\n${output}`}`,
  itFailed: "执行失败",
  says: (tool, text) => `${tool} 的结果：\n${text || "（没有内容）"}`,
  exitCode: (code) => `（退出码 ${code}）`,
  unknown: "未知",
  more: (count) => `……还有 ${count} 项`,
};

export const WORDS: Record<Language, typeof en> = { en, zh };
export type Words = typeof en;
