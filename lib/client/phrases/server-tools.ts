// What tools of the server say: the web, memory, tasks, summaries.
import type { Phrase } from "./phrase.ts";

export const SERVER_TOOLS: readonly Phrase[] = [
  ['The server has no tool "{name}".', "服务器上没有工具“{name}”。"],
  [
    "The server stopped while this ran; nobody knows how far it got. Look before you do it again.",
    "执行时服务器停了；无法知道进行到了哪里。再做之前请先查看。",
  ],
  [
    "This is a PDF. Use download_file to save it on a machine, and extract_text to read it there.",
    "这是 PDF。请用 download_file 保存到一台机器上，再用 extract_text 读取。",
  ],
  [
    "This is {type}, which has no text to read. Use download_file to save it on a machine.",
    "这是 {type}，没有可读的文字。请用 download_file 保存到一台机器上。",
  ],
  ["The page is packed in a way that cannot be read.", "这个网页的压缩方式无法读取。"],
  [
    "The page broke off while it was read, or is not packed as it says.",
    "读取网页时中断，或者它的压缩方式与所说的不符。",
  ],
  ["Nothing was found. Try other words, fewer ones.", "什么也没找到。请换一些词，或少用几个词。"],
  [
    "{provider} does not accept the key that the server has. Whoever runs the server must look at it.",
    "{provider} 不接受服务器的密钥，请服务器的管理者检查。",
  ],
  [
    "The server's account at {provider} has no searches left.",
    "服务器在 {provider} 的账户已没有剩余的搜索次数。",
  ],
  [
    "{provider} is asked too often just now. Try again in a minute.",
    "{provider} 现在请求太频繁，请过一分钟再试。",
  ],
  [
    "{provider} could not be reached, or has not answered in time. Try again later.",
    "无法连接 {provider}，或者它没有及时回答。请稍后再试。",
  ],
  [
    "{provider} answered something that is no list of results. Try again later.",
    "{provider} 的回答不是搜索结果。请稍后再试。",
  ],
  [
    "There are {count} notes already. Replace or remove one first.",
    "已有 {count} 条记忆。请先替换或删除一条。",
  ],
  [
    'There is no note "{id}". recall_memory tells the ids there are.',
    "没有记忆“{id}”。recall_memory 会列出已有的编号。",
  ],
  [
    "The call runs in another process and has not ended in time.",
    "这个调用在另一个进程里执行，没有及时结束。",
  ],
  ["Too many tasks are begun at once; try again.", "同时开始的任务太多；请再试一次。"],
  ["The run has ended meanwhile.", "运行在此期间已经结束。"],
  [
    "A task that was handed on twice is not handed on again: do it yourself.",
    "已经转交过两次的任务不能再转交：请自己完成。",
  ],
  ["A run hands on {count} tasks at most.", "一个运行最多转交 {count} 个任务。"],
  ["Too little of this run's budget is left to hand on a task.", "这个运行剩余的预算太少，不能转交任务。"],
  ["What this run may spend is used up.", "这个运行可用的额度已用完。"],
  ["The model answered nothing.", "模型没有回答。"],
  ["No machine of the user is connected whose files could be read.", "没有已连接的机器可以读取文件。"],
  [
    '"{path}" is there already. Name a file that is not there yet.',
    "“{path}”已经存在。请指定一个还不存在的文件。",
  ],
  ['"{path}" could not be read: {why}', "无法读取“{path}”：{why}"],
  ['"{path}" has no text.', "“{path}”里没有文字。"],
  [
    "The documents have {count} parts for this model, and {most} are read at most. Summarise fewer at once.",
    "对这个模型来说，这些文档有 {count} 个部分，最多只读 {most} 个。请一次少总结一些。",
  ],
  ["The model does not make the text shorter. Try another model.", "模型没有把文字缩短。请换一个模型。"],
];
