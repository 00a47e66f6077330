// What of the data folder is damaged, or was written by a newer MacJarvis, and what to do.
import type { Phrase } from "./phrase.ts";

export const DAMAGE: readonly Phrase[] = [
  [
    "Stop every MacJarvis and restore the whole data folder from a backup",
    "请停止所有 MacJarvis，并从备份恢复整个数据目录",
  ],
  ["{advice}. npm run doctor shows what is damaged.", "{advice}。npm run doctor 可以查看损坏的部分。"],
  ["{path} is damaged", "{path} 已损坏"],
  ["{path} is damaged: {fault}", "{path} 已损坏：{fault}"],
  [
    "{path} is {what}, and a file of the database belongs there. Move it away, or restore the file from a backup.",
    "{path} 是{what}，而那里应该是数据库的文件。请把它移走，或从备份恢复那个文件。",
  ],
  ["a folder", "目录"],
  ["no regular file", "特殊文件"],
  ["a link to nothing", "指向不存在之处的链接"],
  [
    "{path} is empty, but it was not. {advice}, or remove {same} to begin anew, without any account.",
    "{path} 变成了空文件。{advice}；也可以删除 {same} 重新开始，但不再有任何账户。",
  ],
  [
    "{path} is no database, or its beginning is damaged. {advice}, or move {same} away to begin anew, without any account.",
    "{path} 不是数据库，或者开头已损坏。{advice}；也可以移走 {same} 重新开始，但不再有任何账户。",
  ],
  [
    "{path}, which has the last changes, is damaged at its beginning. {advice}; or, to go on without those changes, move {same} away.",
    "{path} 存有最近的改动，它的开头已损坏。{advice}；也可以放弃那些改动，移走 {same} 后继续。",
  ],
  [
    "{path} may not be read by you. Start MacJarvis as the user it belongs to, or change its owner.",
    "您没有读取 {path} 的权限。请以它所属的用户启动 MacJarvis，或更改它的所有者。",
  ],
  [
    "{path} cannot be read ({code}): the disk may be failing. {advice}, on another disk.",
    "无法读取 {path}（{code}）：磁盘可能出了故障。{advice}，并换一块磁盘。",
  ],
  [
    "{path} is damaged: {lost} changes at its end cannot be read any more. Restore the whole data folder from a backup; or, to go on without them, keep a copy and cut it to {bytes} bytes ({command}).",
    "{path} 已损坏：末尾的 {lost} 处改动无法再读取。请从备份恢复整个数据目录；也可以放弃它们，先留一份副本，再把它截到 {bytes} 字节（{command}）。",
  ],
  ["another program has the database open; close it", "另一个程序打开着数据库；请关闭它"],
  [
    "its disk (a network folder?) has no shared memory, which the database needs",
    "它所在的磁盘（网络目录？）没有数据库需要的共享内存",
  ],
  [
    "the database was written by a newer MacJarvis (format {found}, this one knows {known}). Update MacJarvis, or restore a backup from before the update.",
    "数据库由更新的 MacJarvis 写成（格式 {found}，这个版本只认识 {known}）。请更新 MacJarvis，或恢复更新之前的备份。",
  ],
  [
    "The database was written by a newer MacJarvis. Update MacJarvis, or restore the database from a backup of before the update.",
    "数据库由更新的 MacJarvis 写成。请更新 MacJarvis，或用更新之前的备份恢复数据库。",
  ],
  [
    "MongoDB (MONGO_URL): its documents were written by a newer MacJarvis (form {found}, and this one knows {known}). Update MacJarvis, or restore the database from a backup of before the update.",
    "MongoDB（MONGO_URL）：其中的文档由更新的 MacJarvis 写成（格式 {found}，这个版本只认识 {known}）。请更新 MacJarvis，或用更新之前的备份恢复数据库。",
  ],
  [
    "NATS (NATS_URL): the events of runs were written by a newer MacJarvis (form {found}, and this one knows {known}). Update MacJarvis.",
    "NATS（NATS_URL）：运行的事件由更新的 MacJarvis 写成（格式 {found}，这个版本只认识 {known}）。请更新 MacJarvis。",
  ],
  [
    "{path} holds no name of a process: restore it from a backup, or remove it.",
    "{path} 里没有进程的名字：请用备份恢复，或删除它。",
  ],
  [
    "The database was written by a newer MacJarvis. Update MacJarvis, or restore the data folder from a backup of before the update.",
    "数据库由更新的 MacJarvis 写成。请更新 MacJarvis，或用更新之前的备份恢复数据目录。",
  ],
  [
    "{path} cannot be used: {reason}. See that it can be written and its disk is well, or move it away. It holds the events of running runs, which are told anew; the messages are in the database.",
    "{path} 不能使用：{reason}。请确认它可写、磁盘完好，或把它移走。里面是正在进行的运行的事件，会重新产生；消息都在数据库里。",
  ],

  [
    "{path} holds fewer than {least} characters: restore it, or remove it to log everybody out.",
    "{path} 不足 {least} 个字符：请恢复它，或删除它（所有人都要重新登录）。",
  ],
];
