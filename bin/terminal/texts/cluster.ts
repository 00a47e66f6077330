// Texts of `npm run cluster`.

const en = {
  help: `npm run cluster [-- options]

Starts a whole cluster on this machine, to try it and to break it: NATS, PostgreSQL, MongoDB and Redis (of PATH, or those that
.ci/install-servers has put there), gateways, agents and the rest as processes of their own. What dies is started again. Ctrl-C
ends all of it; the data stay.

  --gateways N   1 to 9, of which the first listens on PORT (3000) and each other one on the next; 2 unless said
  --agents N     1 to 9; 2 unless said
  --data FOLDER  where everything is kept: ~/.macjarvis/cluster unless said, /var/lib/macjarvis-cluster for root
  --help, -h     this text

Settings are environment variables, as for npm start (docs/config.md). With METRICS_PORT each process shows its numbers on a
port of its own, counted from that one. A server whose address is set (NATS_URL, POSTGRES_URL,
MONGO_URL, REDIS_URL) is used as it is. The servers that are started listen on this machine only and ask for no password: use it
on a machine of your own. docs/operations.md says how a cluster is run in earnest.
`,
  badOption: (fault: string) => `${fault}. npm run cluster -- --help lists the options.`,
  noArguments: (word: string) =>
    `npm run cluster takes no "${word}". npm run cluster -- --help lists the options.`,
  notCount: (option: string, most: number) => `${option} must be a whole number from 1 to ${most}.`,
  folderOfItsOwn: "Name a folder of its own with --data.",
  inUse: (folder: string) =>
    `Another npm run cluster uses ${folder}. Stop that one, or name another folder with --data.`,
  startingServers: "Starting NATS, PostgreSQL, MongoDB and Redis …",
  startingProcesses: "Starting the processes …",
  stopping: "Stopping everything (once more to stop at once) …",
  didNotStart: (name: string, words: string) => `${name} did not start. It said last:\n${words}`,
  ended: (name: string, how: string) =>
    `${name} has ended${how === "" ? "" : ` (${how})`}; starting it again …`,
  again: (name: string, pid: string) => `${name} runs again: process ${pid}`,
  heads: ["What", "Services", "Process", "Where"],
  next: (file: string, logs: string) => [
    `Other commands find it after: . ${file}`,
    "Then: npm run chat, npm run doctor, or kill -9 any process of the table and see what happens.",
    `Logs: ${logs}`,
  ],
};

const zh: typeof en = {
  help: `npm run cluster [-- 选项]

在本机启动一个完整的集群，供试用和破坏：NATS、PostgreSQL、MongoDB 和 Redis（取自 PATH，或由 .ci/install-servers
安装），网关、代理和其他服务各为独立进程。死掉的会重新启动。按 Ctrl-C 全部结束；数据保留。

  --gateways N   1 到 9，第一个监听 PORT（3000），其余依次使用下一个端口；默认 2
  --agents N     1 到 9；默认 2
  --data 文件夹  数据所在：root 用户为 /var/lib/macjarvis-cluster，否则默认 ~/.macjarvis/cluster
  --help, -h     显示本说明

设置都是环境变量，与 npm start 相同（docs/config.md）。设置 METRICS_PORT 后，各进程从该端口起依次在自己的端口显示指标。已设置地址的服务器（NATS_URL、POSTGRES_URL、MONGO_URL、
REDIS_URL）直接使用。由它启动的服务器只在本机监听，不需要密码：请只在自己的机器上使用。正式运行集群见
docs/operations.md。
`,
  badOption: (fault) => `${fault}。npm run cluster -- --help 列出所有选项。`,
  noArguments: (word) => `npm run cluster 不接受“${word}”。npm run cluster -- --help 列出所有选项。`,
  notCount: (option, most) => `${option} 必须是 1 到 ${most} 的整数。`,
  folderOfItsOwn: "请用 --data 指定一个专用的文件夹。",
  inUse: (folder) => `另一个 npm run cluster 正在使用 ${folder}。请停止它，或用 --data 指定另一个文件夹。`,
  startingServers: "正在启动 NATS、PostgreSQL、MongoDB 和 Redis …",
  startingProcesses: "正在启动各进程 …",
  stopping: "正在全部停止（再按一次立即停止）…",
  didNotStart: (name, words) => `${name} 没有启动。它最后的输出：\n${words}`,
  ended: (name, how) => `${name} 已结束${how === "" ? "" : `（${how}）`}；正在重新启动 …`,
  again: (name, pid) => `${name} 重新运行：进程 ${pid}`,
  heads: ["名称", "服务", "进程", "位置"],
  next: (file, logs) => [
    `让其他命令找到它：. ${file}`,
    "然后：npm run chat、npm run doctor，或者 kill -9 表中任一进程，看看会怎样。",
    `日志：${logs}`,
  ],
};

export const CLUSTER = { en, zh };
