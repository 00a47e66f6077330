// Texts of `npm run audit`.

const en = {
  help: `npm run --silent audit -- verify [--head <file>]   whether any entry was changed, removed or moved
npm run --silent audit -- head                     the end of the trail, to be kept elsewhere
npm run --silent audit -- show [--user <id>] [--run <id>]   the entries, one JSON object a line

The trail is the one of MACJARVIS_HOME; the server may be running.
verify alone finds a changed, removed, moved or added entry, by the key in audit-key. With a head that was kept on another
machine it also finds a trail whose end was cut off, or that was written anew.
Exit code: 0 untouched, 1 tampered with, 2 it could not be read.
`,
  takesNo: (command: string, word: string) => `audit ${command} takes no "${word}".`,
  noCommand: (command: string) => `There is no audit command "${command}".`,
  notHeads: (file: string, why: string) =>
    `${file} is not what "npm run --silent audit -- head" has written: ${why}`,
  noHeadList: "it is no list of heads",
  noFile: "there is no such file",
  unreadable: "it cannot be read",
  badOption: (fault: string) => `${fault}. npm run audit -- --help shows what there is.`,
  noKey:
    "there is no audit-key beside the database, so nobody can tell whose rows these are: it was removed (restore it), or no server with seals has been started here yet",
  emptied: "the trail is empty, and there is the key of one: its rows were removed",
  tampered: "The audit trail was tampered with:",
  andMore: (count: number) => `and ${count} more`,
  untouched: (rows: number, ends: string) =>
    `The audit trail is untouched: ${rows} entries${ends ? `, the last is ${ends}` : ""}.`,
  end: (seq: number, hash: string) => `row ${seq}, ${hash}`,
  keepHead:
    "Without a head that was kept elsewhere (audit head, then --head) an end that was cut off is not seen.",
};

const zh: typeof en = {
  help: `npm run --silent audit -- verify [--head <文件>]   检查是否有记录被改动、删除或移动
npm run --silent audit -- head                     输出记录的末端，供另处保存
npm run --silent audit -- show [--user <id>] [--run <id>]   输出记录，每行一个 JSON 对象

审计记录在 MACJARVIS_HOME 里；服务器可以正在运行。
verify 凭 audit-key 里的密钥，能发现被改动、删除、移动或添加的记录。如果给出保存在另一台机器上的末端，
还能发现末尾被截断或整个重写的记录。
退出码：0 未被改动，1 被改动过，2 无法读取。
`,
  takesNo: (command, word) => `audit ${command} 不接受“${word}”。`,
  noCommand: (command) => `没有“${command}”这个 audit 命令。`,
  notHeads: (file, why) => `${file} 不是“npm run --silent audit -- head”写出的内容：${why}`,
  noHeadList: "它不是末端的列表",
  noFile: "没有这个文件",
  unreadable: "无法读取",
  badOption: (fault) => `${fault}。用法见 npm run audit -- --help。`,
  noKey:
    "数据库旁边没有 audit-key，因此无法判断这些记录出自谁手：它被删除了（请恢复），或者这里还没有启动过带封印的服务器",
  emptied: "审计记录是空的，却有它的密钥：其中的记录被删除了",
  tampered: "审计记录被改动过：",
  andMore: (count) => `还有 ${count} 处`,
  untouched: (rows, ends) => `审计记录未被改动：共 ${rows} 条${ends ? `，最后一条是${ends}` : ""}。`,
  end: (seq, hash) => `第 ${seq} 行，${hash}`,
  keepHead: "如果没有在另处保存末端（audit head，再用 --head），就看不出末尾是否被截断。",
};

export const AUDIT = { en, zh };
