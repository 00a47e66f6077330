// The server has too much to do, or is shutting down.
import type { Phrase } from "./phrase.ts";

export const LOAD: readonly Phrase[] = [
  ["Too much was asked for at once. Nothing was done; try again.", "同时请求过多。什么都没有做；请重试。"],
  ["Tokens may be counted {count} times a minute.", "每分钟最多可以计算 {count} 次令牌数。"],
  [
    "Too many requests without a valid credential came from this address.",
    "来自这个地址的无有效凭据的请求太多。",
  ],
  [
    "Read the large answers, and end the large requests, that you have under way first.",
    "请先读完正在接收的大回答，并发完正在发送的大请求。",
  ],
  [
    "The server has too many large requests under way. Try again in a moment.",
    "服务器正在处理的大请求太多。请稍后再试。",
  ],
  ["The client has left.", "客户端已离开。"],
  [
    "You have {count} tool calls under way. Wait for one to end.",
    "您有 {count} 个工具调用正在进行。请等一个结束。",
  ],
  [
    "One run after the other begins in this session: stop what begins them first.",
    "这个会话里不断有新的运行开始：请先停止发起它们的程序。",
  ],
  ["The server is shutting down; try again.", "服务器正在关闭；请稍后再试。"],
  ["The server is shutting down. Try again soon.", "服务器正在关闭。请稍后再试。"],
  ["The server is shutting down; the run goes on when it is back.", "服务器正在关闭；恢复后运行会继续。"],
];
