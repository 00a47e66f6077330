// Why the data folder cannot be used: whose it is, its disk, its rights.
import type { Phrase } from "./phrase.ts";

export const DATA_FOLDER: readonly Phrase[] = [
  [
    "The data folder {home} is in use by another MacJarvis{process}. Stop that one, or set MACJARVIS_HOME to another folder.",
    "数据目录 {home} 正被另一个 MacJarvis{process} 使用。请停止那一个，或把 MACJARVIS_HOME 设为别的目录。",
  ],
  [" (process {number})", "（进程 {number}）"],
  [
    "The data folder {home} cannot be used: {reason}. {advice}",
    "数据目录 {home} 不能使用：{reason}。{advice}",
  ],
  ["The data folder {home} cannot be used: {words}", "数据目录 {home} 不能使用：{words}"],
  ["The database {path} cannot be used: {reason}. {advice}", "数据库 {path} 不能使用：{reason}。{advice}"],
  ["The file {path} cannot be used: {reason}. {advice}", "文件 {path} 不能使用：{reason}。{advice}"],
  [
    "The node's journal {path} cannot be used: {reason}. {advice}",
    "本机的工具日志 {path} 不能使用：{reason}。{advice}",
  ],
  ["it is a file", "它是一个文件"],
  ["it is a folder", "它是一个目录"],
  ["nothing can be made there", "那里无法创建任何东西"],
  ["a part of the path is a file", "路径中有一段是文件"],
  ["you may not write there", "您没有在那里写入的权限"],
  ["it belongs to another user", "它属于另一个用户"],
  ["it is no replica: it takes writes of its own", "它不是副本：它自己接受写入"],
  ["it follows another database than that of POSTGRES_URL", "它跟随的不是 POSTGRES_URL 的那个数据库"],
  ["it has not followed anything yet", "它还没有跟随过任何改动"],
  ["it is {seconds} s behind", "它落后 {seconds} 秒"],
  ["its disk can only be read", "它所在的磁盘是只读的"],
  ["its disk is full", "它所在的磁盘已满"],
  ["your share of its disk is full", "您在那个磁盘上的配额已用完"],
  ["no file may grow that much there", "那里的文件不能这么大"],
  ["too many files are open", "打开的文件太多"],
  ["its disk (a network folder?) has no locks", "它所在的磁盘（网络目录？）不支持加锁"],
  [
    "it is a place for more than MacJarvis and would be closed to others",
    "那里不只供 MacJarvis 使用，而它会禁止别人访问",
  ],
  ["Set MACJARVIS_HOME to a folder of its own.", "请把 MACJARVIS_HOME 设为一个专用的目录。"],
  [
    "Make room on its disk, or set MACJARVIS_HOME to another one.",
    "请在它的磁盘上腾出空间，或把 MACJARVIS_HOME 设到别的磁盘。",
  ],
  [
    "Start MacJarvis as the user it belongs to, or set MACJARVIS_HOME to another folder.",
    "请以它所属的用户启动 MacJarvis，或把 MACJARVIS_HOME 设为别的目录。",
  ],
  [
    "See that its disk is well, has room and can be written, or set MACJARVIS_HOME to another one.",
    "请确认它的磁盘完好、有空间、可写，或把 MACJARVIS_HOME 设到别的磁盘。",
  ],
  ["Move it away, or let this user read it.", "请把它移走，或让这个用户可以读取它。"],
  ["Move away what is there and start again.", "请把那里的东西移走，再重新启动。"],
  ["Stop the other program that has it open.", "请停止打开着它的另一个程序。"],
  [
    "{home} holds no database: set MACJARVIS_HOME to the server's data folder.",
    "{home} 里没有数据库：请把 MACJARVIS_HOME 设为服务器的数据目录。",
  ],
];
