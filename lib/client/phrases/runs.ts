// Why a run does not begin: its session, the plan, the Idempotency-Key; its questions and its events.
import type { Phrase } from "./phrase.ts";

export const RUNS: readonly Phrase[] = [
  ["That message was replaced already: read the session again.", "这条消息已经被替换：请重新读取会话。"],
  ['"replaces" {fault}.', "“replaces”{fault}。"],
  ['"session_id" {fault}.', "“session_id”{fault}。"],
  ['"if_busy" {fault}.', "“if_busy”{fault}。"],
  ["must be a message of the user", "必须是用户自己的消息"],
  ['is needed with "replaces"', "要和 replaces 一起给出"],
  ['must be "reject" with "replaces"', "和 replaces 一起时必须是 reject"],
  [
    "The session works on a run. Wait for its end or cancel it.",
    "会话里有运行正在进行。请等它结束，或取消它。",
  ],
  [
    'The session works on {run}. Wait for its end, cancel it, or send if_busy "queue" or "interrupt".',
    '会话里正在进行 {run}。请等它结束或取消它，也可以发送 if_busy "queue" 或 "interrupt"。',
  ],
  ["another run", "另一个运行"],
  ["{count} runs wait in this session already.", "这个会话里已有 {count} 个运行在排队。"],
  ["Too many others write to this session; try again.", "同时写入这个会话的请求太多；请再试一次。"],
  ["Too many new sessions at once; try again.", "同时新建的会话太多；请再试一次。"],
  ["The session's run did not end in time.", "会话里的运行没有及时结束。"],
  [
    "Your plan allows {count} sessions. Delete one (archived ones count too), or ask for a larger plan.",
    "您的套餐最多有 {count} 个会话。请删除一个（归档的也算），或换更大的套餐。",
  ],
  [
    "Your plan allows {count} runs per {window}. Come again in {seconds} s.",
    "您的套餐每{window}最多 {count} 次运行。请在 {seconds} 秒后再试。",
  ],
  ["minute", "分钟"],
  ["hour", "小时"],
  ["day", "天"],
  [
    "Your plan works {count} runs at once, and all of them are busy. Wait for one to end, or cancel one.",
    "您的套餐可以同时进行 {count} 个运行，现在都在进行。请等一个结束，或取消一个。",
  ],
  [
    "Your plan's {what} of the day are used; they are new at midnight UTC.",
    "您的套餐今天的 {what}已用完；UTC 零点重新计算。",
  ],
  ["{count} runs", "{count} 次运行"],
  ["{count} tokens", "{count} 个 token"],
  ["{count} US dollars", "{count} 美元"],
  [
    "What your plan leaves of the day's {what} is held by runs that are under way. Wait for one to end, or cancel one.",
    "您的套餐今天剩余的{what}已被正在进行的运行占用。请等一个结束，或取消一个。",
  ],
  ["tokens", " token "],
  ["cost", "费用"],
  [
    "This Idempotency-Key was used with another credential in the last 24 hours. Use a new key for a new message.",
    "这个 Idempotency-Key 在 24 小时内用另一个凭据用过。新消息请用新的键。",
  ],
  [
    "The same message is being accepted at this moment by another process. Send it again, with the same Idempotency-Key.",
    "另一个进程此刻正在受理同一条消息。请使用相同的 Idempotency-Key 重新发送。",
  ],
  [
    "This Idempotency-Key was used with another body in the last 24 hours. Use a new key for a new message.",
    "这个 Idempotency-Key 在 24 小时内用于过别的内容。新消息请用新的键。",
  ],
  [
    "Idempotency-Key must be 1 to 255 visible ASCII characters.",
    "Idempotency-Key 必须是 1 到 255 个可见的 ASCII 字符。",
  ],
  [
    'The machine {node} has no tool {names}. GET /api/v1/tools lists those there are; leave "tools" out to use them all.',
    '机器 {node} 上没有工具 {names}。GET /api/v1/tools 列出所有工具；不写 "tools" 则全部可用。',
  ],
  [
    'Your machines have no tool {names}. GET /api/v1/tools lists those there are; leave "tools" out to use them all.',
    '您的机器上没有工具 {names}。GET /api/v1/tools 列出所有工具；不写 "tools" 则全部可用。',
  ],

  ["Nobody answered the question in time. The call did not run.", "没有人及时回答询问。调用没有执行。"],
  ["The question was answered before; the first answer counts.", "这个询问以前回答过；以第一次的回答为准。"],
  [
    "Nobody answered the question before it was closed. {why} The call did not run.",
    "询问关闭之前没有人回答。{why}调用没有执行。",
  ],
  ["The arguments do not fit the tool.", "参数不符合这个工具的要求。"],
  ["The policy denies the tool with these arguments.", "规则不允许用这些参数调用这个工具。"],
  [
    'The policy asks before "{tool}" {what}. Allow it with PUT /api/v1/users/me/policy, or let the agent ask in a chat.',
    "按照规则，“{tool}”{what}要先询问。请用 PUT /api/v1/users/me/policy 允许，或在对话里由智能体询问。",
  ],
  ["runs", "运行"],
  ['sends to {hosts} (a rule with "host")', '发往 {hosts}（规则里用 "host"）'],
  ["{why} Let the agent ask in a chat.", "{why}请在对话里由智能体询问。"],

  [
    "Events are kept for one hour after the run's end. Read the session's messages.",
    "事件在运行结束后保留一小时。请查看会话的消息。",
  ],
  [
    "The events of this run were damaged on the server's disk. Read the run and its session's messages.",
    "这个运行的事件在服务器的磁盘上损坏了。请查看运行本身和会话的消息。",
  ],
  [
    "The events of this run were damaged on the server's disk. What it did is in its session's messages and in the run itself.",
    "这个运行的事件在服务器的磁盘上损坏了。它做过什么，见会话的消息和运行本身。",
  ],
  [
    "Events of this run were lost on the server. What it did is in its session's messages and in the run itself.",
    "这个运行的一些事件在服务器上丢失了。它做过什么，见会话的消息和运行本身。",
  ],
  [
    "The event {name} of this run has {size} bytes, and the cluster passes on {limit} at most.",
    "这个运行的事件 {name} 有 {size} 字节，而集群最多传递 {limit} 字节。",
  ],
  ['The run has no call "{id}".', "这次任务没有调用 “{id}”。"],
  ["The call waits for an answer to its question: deny it instead.", "这个调用正在等待答复：请改为拒绝它。"],
  [
    "The user stopped this call. Do not repeat it; go on without it or ask what to do instead.",
    "用户停止了这个调用。",
  ],
];
