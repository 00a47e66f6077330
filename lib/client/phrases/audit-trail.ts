// What `npm run audit -- verify` finds in the server's trail and in a Mac's record.
import type { Phrase } from "./phrase.ts";

export const AUDIT_TRAIL: readonly Phrase[] = [
  [
    "PostgreSQL (POSTGRES_URL) holds no audit trail yet: it begins with the first start of the cluster's processes. Check POSTGRES_URL.",
    "PostgreSQL（POSTGRES_URL）里还没有审计记录：它从集群的进程第一次启动时开始。请检查 POSTGRES_URL。",
  ],
  [
    "{path} is no key file of the audit trail: restore it from a backup.",
    "{path} 不是审计记录的密钥文件：请从备份恢复。",
  ],
  [
    "The audit trail was tampered with: {home} has the key of one, and its table was removed.",
    "审计记录被改动过：{home} 里有它的密钥，而它的表被删除了。",
  ],
  [
    "{home} holds no audit trail yet: it begins with the next start of the server, npm start.",
    "{home} 里还没有审计记录：下一次启动服务器（npm start）时开始记录。",
  ],
  ["{file} cannot be read: {why}.", "无法读取 {file}：{why}。"],
  ["{row} is in no place that a row has: it was added", "{row} 不在任何一行应在的位置：是添加的"],
  [
    "{row} is not the row whose hash was kept: the chain was written anew",
    "{row} 不是当时保存了散列的那一行：整个链被重写了",
  ],
  [
    "{writer} ends at row {end}, but row {kept} was there: its end was cut off",
    "{writer} 在第 {end} 行结束，而原来有第 {kept} 行：末尾被截断了",
  ],
  ["{row} or its place was changed: its hash does not fit", "{row} 的内容或位置被改动了：散列不符"],
  ["{row} has no seal: this server did not write it", "{row} 没有封印：不是这个服务器写的"],
  [
    "{row} is sealed with a key that is not in audit-key: this server did not write it, or the key was replaced",
    "{row} 的封印所用的密钥不在 audit-key 里：不是这个服务器写的，或者密钥被换过",
  ],
  [
    "{row} has a seal that does not fit: this server did not write it",
    "{row} 的封印不符：不是这个服务器写的",
  ],
  ["{entry} was changed: its hash does not fit", "{entry} 被改动了：散列不符"],
  ["{entry} is not signed with the key of this Mac", "{entry} 不是用这台 Mac 的密钥签名的"],
  [
    "{entry} is not the one that the Mac told of when {row} was written",
    "{entry} 不是写下 {row} 时 Mac 所报告的那一条",
  ],
  [
    "{entry}: the server's trail has no such call, and the Mac has run it",
    "{entry}：服务器的记录里没有这个调用，而 Mac 运行过它",
  ],
  ["{entry}: the server has never had its result", "{entry}：服务器从未收到它的结果"],
  ["{entry} does not follow the one before it", "{entry} 与前一条不相连"],
  ["{entry} is there again: the Mac's record has two beginnings", "{entry} 重复出现：Mac 的记录有两个开头"],
  ["the Mac's record: entry {seq} is missing", "Mac 的记录：缺少第 {seq} 条"],
  ["the Mac's record: entries {first} to {last} are missing", "Mac 的记录：缺少第 {first} 至 {last} 条"],
  [
    "the Mac's record ends at entry {end}, but {row} knows entry {seq}: its end was cut off",
    "Mac 的记录在第 {end} 条结束，而 {row} 知道第 {seq} 条：末尾被截断了",
  ],
  [
    "{row} knows entry {seq}, which is missing in the Mac's record",
    "{row} 知道第 {seq} 条，而 Mac 的记录里没有",
  ],
  ["{row} has {what} than {entry}", "{row} 与 {entry} 不同：{what}"],
  [
    "the Mac has kept nothing before entry {first}: {count} calls are older",
    "Mac 没有保留第 {first} 条之前的记录：有 {count} 个调用更早",
  ],
  ["{row} is no row that can be read: it was added or changed", "{row} 无法读取：是添加的，或被改动了"],
  ["and {count} more rows that cannot be read", "还有 {count} 行无法读取"],
  [
    'the {type} "{name}" is not this server\'s: it can change the trail',
    "{type}“{name}”不是这个服务器的：它可以改动记录",
  ],
  ["{writer} row {number} ({entry} of {subject})", "{writer} 第 {number} 行（{subject} 的 {entry}）"],
  ["{writer} row {number}", "{writer} 第 {number} 行"],
  ["trigger", "触发器"],
  ["view", "视图"],
  ["index", "索引"],
];
