// Texts of `npm run chat`: its command line, its greeting, what it says while a run goes on.

const en = {
  help: `npm run chat -- [options] ["question"]

Without a question it is a conversation. Text that comes through a pipe is part of the question:
  cat error.log | npm run chat -- "what went wrong?"

  --model <provider/model>  the model to ask; the server's default unless given
  --continue, -c            goes on with the session that was used last
  --session <id>            goes on with this session; the end of its id will do, as /sessions shows it
  --run <id>                follows a run that is under way, and answers its questions
  --yes, -y / --no, -n      answers every question of a tool the same way
  --help, -h                this text

It talks to MACJARVIS_URL with MACJARVIS_KEY, or to the server of this machine with the owner's key.
Exit code: 0 completed, 1 failed, 2 waits for an answer that nobody can give here, 130 cancelled.
`,
  yesOrNo: "--yes and --no exclude each other.",
  runTakesNoQuestion: "--run follows a run that is there: it takes no question.",
  oneSession: "--continue, --session and --run exclude each other.",
  badOption: (fault: string) =>
    `${fault}. npm run chat -- --help lists the options; put a question in quotes.`,
  noQuestion: 'There is no question: neither after "--" nor through the pipe.',

  commandAlone: (name: string) =>
    `${name} is a command of the conversation: start npm run chat without a question, and type it there.`,

  pipeSilent: 'Waiting for the text of the pipe to end … (Ctrl-C leaves; "< /dev/null" when there is none)',
  pipeTooLong: (most: string) =>
    `The text of the pipe is too long: with the question at most ${most} characters can be sent. Send a part of it (tail -n 2000 log | npm run chat -- "…"), or save it in a file and ask to search that file.`,
  pipeBinary:
    "What comes through the pipe is not text (it has NUL bytes). Save it in a file and ask about that file.",

  pipeNotUtf8:
    "What comes through the pipe is not UTF-8 text. Make it that (iconv -f GBK -t UTF-8, or whatever it is in), or save it in a file and ask about that file: of files the encoding is found out.",

  greeting: (url: string, model: string) => `at ${url}, ${model}. /help lists the commands, Ctrl-D leaves.`,
  demo: "demo/demo is a rule-based stand-in; start the server with a model key for a real one.",
  waiting: (count: number) =>
    count === 1
      ? "1 question of a tool waits for your answer: /approvals"
      : `${count} questions of tools wait for your answer: /approvals`,
  continuing: (title: string) => `Going on with "${title}".`,
  sessionBusy:
    "A run is under way in this session: /follow shows it and asks its questions, /cancel ends it.",
  sessionBusyOnce: (run: string) =>
    `A run is under way in this session. Follow it, and answer its questions, with: npm run chat -- --run ${run}`,
  leaveHint: "(Ctrl-C again or Ctrl-D leaves)",

  thinking: "thinking",
  queued: "waiting for another run of this session",
  waitsForModel: "waiting for the model",
  waitsForServer: "waiting for the server",
  cancels: "Ctrl-C cancels",
  answerAgain: (reason: string) => `↻ The answer starts again (${reason}).`,
  retry: (reason: string, attempt: number, of: number, wait: string) =>
    `↻ The model did not answer (${reason}). Attempt ${attempt} of ${of}${wait === "" ? "" : ` in ${wait}`} …`,
  unknownReason: "no reason given",
  cancelled: "Cancelled.",
  cancelling: "Cancelling … (Ctrl-C again to leave)",
  notCancelled: (why: string) => `It could not be cancelled: ${why}`,
  connectionLost: "The connection is lost, trying again …",
  connectionBack: "Connected again.",
  connectionGone: (run: string) =>
    `The server did not come back. The run is kept: npm run chat -- --run ${run} shows how it goes on.`,
  length: "The answer was cut off: the model's limit of length is reached.",
  maxSteps: "Stopped: the limit of steps is reached.",
  budget: "Stopped: the budget is used up.",
  deadline: "Stopped: the time is up.",
  tokens: (input: string, output: string) => `${input} in, ${output} out`,

  failed: "failed",
  denied: "denied",
  expired: "nobody answered in time",
  callCancelled: "cancelled",
  outcomeUnknown: "its outcome is not known",
  waitsForAnswer: "waits for an answer",
  exitCode: (code: number) => `exit code ${code}`,
  milliseconds: (value: string) => `${value} ms`,
  seconds: (value: string) => `${value} s`,
  minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
  hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
  days: (days: number) => `${days} days`,
};

const zh: typeof en = {
  help: `npm run chat -- [选项] ["问题"]

不带问题时进入对话。从管道传入的文字是问题的一部分：
  cat error.log | npm run chat -- "哪里出错了？"

  --model <provider/model>  使用的模型；不指定时用服务器的默认模型
  --continue, -c            接着上一次使用的会话继续
  --session <id>            继续这个会话；只写 id 的末尾几位也可以（/sessions 里显示的那几位）
  --run <id>                跟踪一个正在进行的运行，并回答它的询问
  --yes, -y / --no, -n      对工具的每个询问都作同样的回答
  --help, -h                显示本说明

它连接 MACJARVIS_URL（用 MACJARVIS_KEY），否则连接本机的服务器（用所有者的密钥）。
退出码：0 完成，1 失败，2 在等待这里无法给出的回答，130 已取消。
`,
  yesOrNo: "--yes 和 --no 不能同时使用。",
  runTakesNoQuestion: "--run 用来跟踪已有的运行，不能再带问题。",
  oneSession: "--continue、--session 和 --run 只能使用其中一个。",
  badOption: (fault) => `${fault}。npm run chat -- --help 列出所有选项；问题请放在引号里。`,
  noQuestion: "没有问题：“--”后面没有，管道里也没有。",

  commandAlone: (name) => `${name} 是对话中的命令：请不带问题启动 npm run chat，再在里面输入。`,

  pipeSilent: "正在等待管道里的文字结束……（Ctrl-C 退出；没有内容时请加 < /dev/null）",
  pipeTooLong: (most) =>
    `管道里的文字太长：连同问题最多只能发送 ${most} 个字符。请只发送一部分（tail -n 2000 log | npm run chat -- "…"），或者存成文件，让它在文件里查找。`,
  pipeBinary: "管道里的内容不是文字（含有 NUL 字节）。请存成文件，再就这个文件提问。",

  pipeNotUtf8:
    "管道传来的不是 UTF-8 文本。请先转换（iconv -f GBK -t UTF-8，或它实际的编码），或存成文件再询问那个文件：文件的编码会自动识别。",

  greeting: (url, model) => `${url}，${model}。/help 列出命令，Ctrl-D 退出。`,
  demo: "demo/demo 只是按固定规则应答的替身；要用真正的模型，请设置模型密钥后重新启动服务器。",
  waiting: (count) => `有 ${count} 个工具询问在等您回答：/approvals`,
  continuing: (title) => `继续会话“${title}”。`,
  sessionBusy: "这个会话里有运行正在进行：/follow 查看它并回答它的询问，/cancel 结束它。",
  sessionBusyOnce: (run) =>
    `这个会话里有运行正在进行。要跟踪它并回答它的询问，请用：npm run chat -- --run ${run}`,
  leaveHint: "（再按一次 Ctrl-C，或按 Ctrl-D 退出）",

  thinking: "思考中",
  queued: "正在等待这个会话里的另一个运行",
  waitsForModel: "正在等待模型",
  waitsForServer: "正在等待服务器",
  cancels: "Ctrl-C 取消",
  answerAgain: (reason) => `↻ 回答重新开始（${reason}）。`,
  retry: (reason, attempt, of, wait) =>
    `↻ 模型没有应答（${reason}）。${wait === "" ? "" : `${wait}后`}进行第 ${attempt} 次尝试，共 ${of} 次……`,
  unknownReason: "未说明原因",
  cancelled: "已取消。",
  cancelling: "正在取消……（再按一次 Ctrl-C 退出）",
  notCancelled: (why) => `无法取消：${why}`,
  connectionLost: "连接已断开，正在重试……",
  connectionBack: "已重新连接。",
  connectionGone: (run) => `服务器没有恢复。这个运行仍然保留着：npm run chat -- --run ${run} 可以查看后续。`,
  length: "回答被截断：达到了模型的长度上限。",
  maxSteps: "已停止：达到步数上限。",
  budget: "已停止：预算已用完。",
  deadline: "已停止：时间已到。",
  tokens: (input, output) => `输入 ${input}，输出 ${output}`,

  failed: "失败",
  denied: "被拒绝",
  expired: "没有人及时回答",
  callCancelled: "已取消",
  outcomeUnknown: "结果未知",
  waitsForAnswer: "等待回答",
  exitCode: (code) => `退出码 ${code}`,
  milliseconds: (value) => `${value} 毫秒`,
  seconds: (value) => `${value} 秒`,
  minutes: (minutes, seconds) => `${minutes} 分 ${seconds} 秒`,
  hours: (hours, minutes) => `${hours} 小时 ${minutes} 分`,
  days: (days) => `${days} 天`,
};

export const CHAT = { en, zh };
