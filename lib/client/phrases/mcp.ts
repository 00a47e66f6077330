// What is said of MCP servers that the machines of the core host: to admins who look after them, and of calls.
import type { Phrase } from "./phrase.ts";

export const MCP: readonly Phrase[] = [
  ['No machine hosts an MCP server "{name}" now.', "现在没有机器运行 MCP 服务器“{name}”。"],
  [
    'Several machines have a server "{name}": say which one by node_id.',
    "有多台机器都有服务器“{name}”：请用 node_id 指明是哪一台。",
  ],
  [
    'A server "{name}" stands in mcp.json of a machine. Choose another name.',
    "某台机器的 mcp.json 里已有服务器“{name}”，请换一个名称。",
  ],
  ["There are {count} servers already: remove one first.", "已有 {count} 个服务器：请先删除一个。"],
  ['There is a server "{name}" already: remove it first.', "已有服务器“{name}”：请先删除它。"],
  [
    '"{name}" stands in mcp.json of a machine: remove it there.',
    "“{name}”写在某台机器的 mcp.json 里：请在那里删除。",
  ],
  ['There is no MCP server "{name}".', "没有 MCP 服务器“{name}”。"],
  [
    '"{tool}" has another definition now than the one with this hash: look at it again.',
    "“{tool}”现在的定义已不是这个哈希对应的那一个：请重新查看。",
  ],
  ["This machine does not say which MCP servers it hosts.", "这台机器没有回答它运行哪些 MCP 服务器。"],
  [
    'The MCP server "{name}" had not answered when this call was ended; nobody knows how far it got.',
    "调用被结束时 MCP 服务器“{name}”尚未回答；无法知道进行到了哪里。",
  ],
  [
    'The MCP server "{name}" ended while this ran; nobody knows how far it got. It is started again.',
    "执行时 MCP 服务器“{name}”结束了；无法知道进行到了哪里。它会重新启动。",
  ],
  [
    'The MCP server "{name}" has answered what cannot be understood; what it was asked to do may be done all the same.',
    "MCP 服务器“{name}”的回答无法理解；要它做的事可能仍然做了。",
  ],
  [
    'The MCP server "{name}" has not answered in time; nobody knows how far it got.',
    "MCP 服务器“{name}”没有按时回答；无法知道进行到了哪里。",
  ],
];
