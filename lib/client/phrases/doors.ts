// What the doors for other programs (docs/doors.md), and the console, refuse and tell.
import type { Phrase } from "./phrase.ts";

export const DOORS: readonly Phrase[] = [
  ["The console has no file of that name. Reload its page.", "控制台没有这个文件。请重新加载页面。"],
  ["The header X-Approval-Wait {fault}.", "请求头 X-Approval-Wait 有误：{fault}。"],
  [
    "Events of the run were lost. Read it later by its id.",
    "这次运行的部分事件丢失了。请稍后按它的编号读取。",
  ],
  ["The context of the run is gone.", "这次运行的上下文已经不在了。"],
  ['There is no run "{id}" to go on from.', "没有可以接着做的运行“{id}”。"],
  [
    "The run {id} has not ended yet: wait for its end, or cancel it.",
    "运行 {id} 还没有结束：请等它结束，或取消它。",
  ],
  ['Nothing is kept of "{id}", or nothing any more.', "没有保存“{id}”的内容，或已经不再保存。"],
  ['There is no tool "{name}".', "没有名为“{name}”的工具。"],
  ["The server is shutting down. Ask again when it is back.", "服务器正在关闭。请等它恢复后再问。"],
  [
    "The server was shut down while this ran: nobody knows how far it got. Look before you ask for it again.",
    "运行期间服务器被关闭：没有人知道进行到了哪里。再次请求之前请先查看。",
  ],
  ["A resource is named {prefix}{id}.", "资源的名称形如 {prefix}{id}。"],
  [
    "The session is too long to be read at once: GET /api/v1/sessions/{id}/export?format=md.",
    "会话太长，不能一次读完：GET /api/v1/sessions/{id}/export?format=md。",
  ],
  ["There is no such session.", "没有这个会话。"],
  ["There is no such MCP session. Initialize again.", "没有这个 MCP 会话。请重新初始化。"],
  ["Nothing is left of the budget for an answer.", "预算已用完，无法再回答。"],
  [
    "The answer broke off and was begun anew: ask again, or read the run by its X-Run-Id.",
    "回答中断后重新开始了：请再问一次，或按 X-Run-Id 读取这次运行。",
  ],
  [
    'The model "{id}" does not exist: GET /v1/models lists all.',
    "没有模型“{id}”：GET /v1/models 列出全部模型。",
  ],
  ["There is no response with this id to go on from.", "没有可以接着做的这个编号的回答。"],
  [
    "The answer broke off and was begun anew: read the response by its id.",
    "回答中断后重新开始了：请按编号读取这个回答。",
  ],
  ["Response with id '{id}' not found.", "找不到编号为“{id}”的回答。"],
  ['"{name}" is not supported here: leave it out.', "这里不支持“{name}”：请去掉它。"],
  ["This call was denied at {when}.", "这次调用已于 {when} 被拒绝。"],
  ["This call was denied at {when}: {why}", "这次调用已于 {when} 被拒绝：{why}"],
  [
    "This call was approved once, and it was begun with that. Its approval does not count again.",
    "这次调用只批准了一次，并且已经据此开始。这个批准不会再次生效。",
  ],
  [
    "{count} of your calls wait for an approval. Answer some of them first: GET /api/v1/agent/approvals.",
    "您有 {count} 个调用在等待审批。请先答复其中一些：GET /api/v1/agent/approvals。",
  ],
  [
    'The policy asks before "{name}" runs. Answer it in the console, with /approvals in npm run chat, or with POST /api/v1/agent/runs/{run}/approvals/{call}; then the same call again, within ten minutes, runs once.',
    "按规则，运行“{name}”之前要先询问。请在控制台里、在 npm run chat 中用 /approvals，或用 POST /api/v1/agent/runs/{run}/approvals/{call} 答复；之后十分钟内再次发出同样的调用会运行一次。",
  ],
  [
    '"{path}" has a picture by its address, and models of this server\'s own network fetch none: send its bytes.',
    "“{path}”里有一张以地址给出的图片，而本服务器自己网络里的模型不会去获取：请发送图片的内容。",
  ],
];
