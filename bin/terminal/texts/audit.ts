// Texts of `npm run audit`.

const en = {
  help: `npm run --silent audit -- verify [--head <file>]   whether any entry was changed, removed or moved
npm run --silent audit -- verify --node <id> [--chain <file>]   also whether a Mac's own record says the same
npm run --silent audit -- head                     the end of the trail, to be kept elsewhere
npm run --silent audit -- show [--user <id>] [--run <id>]   the entries, one JSON object a line

The trail is the one of MACJARVIS_HOME; the server may be running.
verify alone finds a changed, removed, moved or added entry, by the key in audit-key. With a head that was kept on another
machine it also finds a trail whose end was cut off, or that was written anew.
With a Mac's id the running server asks the Mac for its record (MACJARVIS_URL, MACJARVIS_KEY), unless it is given in a file that
"npm run --silent node -- chain export" has written there.
Exit code: 0 untouched, 1 tampered with, 2 it could not be read.
`,
  takesNo: (command: string, word: string) => `audit ${command} takes no "${word}".`,
  noCommand: (command: string) => `There is no audit command "${command}".`,
  notHeads: (file: string, why: string) =>
    `${file} is not what "npm run --silent audit -- head" has written: ${why}`,
  noHeadList: "it is no list of heads",
  noFile: "there is no such file",
  unreadable: "it cannot be read",
  chainOfWhom: "--chain is the record of one Mac: say of which with --node <id>.",
  notAChain: (file: string, why: string) =>
    `${file} is not what "npm run --silent node -- chain export" has written: ${why}`,
  noSuchMac: (id: string) => `The trail knows no Mac ${id}: nothing says with which key it was paired.`,
  sidesDiffer: (id: string) => `What ${id} has recorded and what the server has do not agree:`,
  sidesAgree: (id: string, entries: number, calls: number) =>
    `The record of ${id} and the server's trail say the same: ${entries} entries, ${calls} calls that both have.`,
  sidesNotes: "No faults, but worth a look:",
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
npm run --silent audit -- verify --node <id> [--chain <文件>]   同时检查某台 Mac 自己的记录是否一致
npm run --silent audit -- head                     输出记录的末端，供另处保存
npm run --silent audit -- show [--user <id>] [--run <id>]   输出记录，每行一个 JSON 对象

审计记录在 MACJARVIS_HOME 里；服务器可以正在运行。
verify 凭 audit-key 里的密钥，能发现被改动、删除、移动或添加的记录。如果给出保存在另一台机器上的末端，
还能发现末尾被截断或整个重写的记录。
给出 Mac 的 id 时，由正在运行的服务器向这台 Mac 索取记录（MACJARVIS_URL、MACJARVIS_KEY），
也可以用 --chain 给出在 Mac 上由“npm run --silent node -- chain export”写出的文件。
退出码：0 未被改动，1 被改动过，2 无法读取。
`,
  takesNo: (command, word) => `audit ${command} 不接受“${word}”。`,
  noCommand: (command) => `没有“${command}”这个 audit 命令。`,
  notHeads: (file, why) => `${file} 不是“npm run --silent audit -- head”写出的内容：${why}`,
  noHeadList: "它不是末端的列表",
  noFile: "没有这个文件",
  unreadable: "无法读取",
  chainOfWhom: "--chain 是一台 Mac 的记录：请用 --node <id> 指明是哪一台。",
  notAChain: (file, why) => `${file} 不是“npm run --silent node -- chain export”写出的内容：${why}`,
  noSuchMac: (id) => `审计记录里没有 Mac ${id}：不知道它是用哪个密钥配对的。`,
  sidesDiffer: (id) => `${id} 的记录与服务器的记录不一致：`,
  sidesAgree: (id, entries, calls) =>
    `${id} 的记录与服务器的记录一致：共 ${entries} 条，双方都有的调用 ${calls} 个。`,
  sidesNotes: "没有差错，但值得一看：",
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
