// Texts of `npm run migrate`.

const en = {
  help: `npm run migrate -- --to cluster [--dry-run]

Moves what a server on its own files has into the stores of a cluster: accounts, keys, money, sessions, runs (also those that wait
for an answer), their events, waiting work and the audit trail. MACJARVIS_HOME names the data folder, whose server must be stopped;
NATS_URL, POSTGRES_URL, MONGO_URL and REDIS_URL name the cluster, which must be empty and must not run. The data folder stays as it
is. Broken off, it is simply begun again. At the end all of it is compared.

  --dry-run    counts what would be moved, and moves nothing
  --help, -h   this text

docs/operations.md says what to do before and after.
`,
  badOption: (fault: string) => `${fault}. npm run migrate -- --help shows what there is.`,
  noArguments: (word: string) =>
    `npm run migrate takes no "${word}". npm run migrate -- --help shows what there is.`,
  whereTo: "Say where to: npm run migrate -- --to cluster (--help says more).",
  noCluster:
    "Set NATS_URL, POSTGRES_URL, MONGO_URL and REDIS_URL to the servers of the cluster that the data folder is moved into.",
  movedBefore: (home: string) => `The data folder ${home} was moved to a cluster before.`,
  newer: (home: string) => `The data folder ${home} was written by a newer MacJarvis. Update MacJarvis.`,
  older: (home: string) =>
    `The data folder ${home} was written by an older MacJarvis. Start this one on it once (npm start), stop it, and move it then.`,
  tampered: (fault: string) =>
    `The audit trail is not as it was written: ${fault}. npm run audit -- verify says more.`,
  notEmpty: (names: string) =>
    `The cluster is not empty: there is something in ${names}. A data folder is moved into new, empty databases; stop the processes of the cluster, and give it such.`,
  unknownTables: (names: string) =>
    `The data folder has tables that no cluster of this version has: ${names}. They were made by another version or another program.`,
  noS3: "The data folder has files of users, which a cluster keeps in an S3 store: set S3_URL, for the cluster too.",
  otherMove:
    "Another data folder is being moved into this cluster, or this one has been used since. Give the cluster empty databases, and begin anew.",
  doneBefore: "All of it was moved and compared before.",
  reading: "Reading the data folder …",
  goesOn: "Going on with the move that was begun before …",
  moving: (name: string, done: number) => `${name} ${done}`,
  there: (name: string, done: number) => `${name}: ${done}`,
  comparing: "Comparing all of it …",
  notTaken: (collection: string, id: string, why: string) =>
    `${id} of ${collection} could not be written to MongoDB: ${why}`,
  heads: ["What", "Data folder", "Cluster", "Digest", "Equal"],
  same: "same",
  other: "DIFFERENT",
  different: (names: string) =>
    `The cluster does not have what the data folder has: ${names}. Do not start it. Run npm run migrate again; if that changes nothing, give the cluster empty databases and begin anew.`,
  auditWhole: (rows: number, last: number) =>
    `The audit trail is untouched: ${rows} entries, the last is row ${last}.`,
  nothingMoved: "Nothing was moved.",
  next: "Moved. Before the first start of the cluster:",
  secretIs:
    "- every process has this secret, so that people stay logged in (a newer one may stand before it, with a comma):",
  secretAsBefore: "- every process has the JWT_SECRET that the server had, so that people stay logged in;",
  otherSecret:
    "  The JWT_SECRET that is set now is another one: people would have to log in again. API keys stay valid with any.",
  keysGo:
    "- the owner's key and the key of the audit trail go to the process with users (its MACJARVIS_HOME):",
  nodeGoes: "- the journal of this machine's calls, and plugins, go to the process with node:",
  marked: (home: string) =>
    `npm start refuses ${home} from now on, and says how to undo that. Keep it until the cluster has a backup.`,
};

const zh: typeof en = {
  help: `npm run migrate -- --to cluster [--dry-run]

把使用自己文件的服务器里的全部内容搬到集群的存储里：账户、密钥、费用、会话、运行（包括等待回答的）、事件、
待办工作和审计记录。MACJARVIS_HOME 指定数据文件夹，其服务器必须已停止；NATS_URL、POSTGRES_URL、MONGO_URL 和
REDIS_URL 指定集群，它必须是空的，也不能在运行。数据文件夹保持原样。中断后重新运行即可继续。最后会全部比对。

  --dry-run    只统计会搬移什么，不搬移
  --help, -h   显示本说明

前后要做的事见 docs/operations.md。
`,
  badOption: (fault) => `${fault}。用法见 npm run migrate -- --help。`,
  noArguments: (word) => `npm run migrate 不接受“${word}”。用法见 npm run migrate -- --help。`,
  whereTo: "请说明搬到哪里：npm run migrate -- --to cluster（详见 --help）。",
  noCluster: "请把 NATS_URL、POSTGRES_URL、MONGO_URL 和 REDIS_URL 设置为要搬入的集群的服务器。",
  movedBefore: (home) => `数据文件夹 ${home} 以前已经搬到集群里了。`,
  newer: (home) => `数据文件夹 ${home} 是由更新的 MacJarvis 写入的。请更新 MacJarvis。`,
  older: (home) =>
    `数据文件夹 ${home} 是由较旧的 MacJarvis 写入的。请先用本版本在它上面启动一次（npm start），停止后再搬移。`,
  tampered: (fault) => `审计记录与写入时不同：${fault}。详见 npm run audit -- verify。`,
  notEmpty: (names) =>
    `集群不是空的：${names} 里已有内容。数据文件夹只能搬入新的空数据库；请停止集群的进程，并给它空的数据库。`,
  unknownTables: (names) =>
    `数据文件夹里有本版本的集群没有的表：${names}。它们是由其他版本或其他程序创建的。`,
  noS3: "数据文件夹里有用户的文件，集群把它们保存在 S3 存储里：请设置 S3_URL，集群也要设置。",
  otherMove:
    "正在把另一个数据文件夹搬入这个集群，或者这个文件夹在此期间又被使用过。请给集群空的数据库，重新开始。",
  doneBefore: "以前已经全部搬移并比对过了。",
  reading: "正在读取数据文件夹 …",
  goesOn: "继续以前开始的搬移 …",
  moving: (name, done) => `${name} ${done}`,
  there: (name, done) => `${name}：${done}`,
  comparing: "正在全部比对 …",
  notTaken: (collection, id, why) => `${collection} 中的 ${id} 无法写入 MongoDB：${why}`,
  heads: ["内容", "数据文件夹", "集群", "摘要", "比对"],
  same: "相同",
  other: "不同",
  different: (names) =>
    `集群里的内容与数据文件夹不同：${names}。请不要启动它。请再次运行 npm run migrate；如果没有变化，请给集群空的数据库，重新开始。`,
  auditWhole: (rows, last) => `审计记录未被改动：共 ${rows} 条，最后一条是第 ${last} 行。`,
  nothingMoved: "没有搬移任何内容。",
  next: "已搬移。第一次启动集群之前：",
  secretIs: "- 每个进程都使用这个签名密钥，这样大家不用重新登录（可以在它前面加上更新的密钥，用逗号隔开）：",
  secretAsBefore: "- 每个进程都使用服务器原来的 JWT_SECRET，这样大家不用重新登录；",
  otherSecret: "  现在设置的 JWT_SECRET 是另一个：大家需要重新登录。API 密钥不受影响。",
  keysGo: "- 所有者的密钥和审计记录的密钥放到运行 users 的进程那里（它的 MACJARVIS_HOME）：",
  nodeGoes: "- 本机调用的日志和插件放到运行 node 的进程那里：",
  marked: (home) => `从现在起 npm start 会拒绝 ${home}，并说明如何撤销。集群有备份之前请保留它。`,
};

export const MIGRATE = { en, zh };
