// Texts of `npm run doctor` in a cluster.

const en = {
  late: "it could not be looked at in 20 s",
  awayFix: "start the server, or correct its variable; everything else was looked at without it",
  natsFine: (version: string) => `nats-server ${version} with JetStream`,
  noJetStream: (version: string) =>
    `nats-server ${version} answers nothing for JetStream, which keeps the events of runs`,
  noJetStreamFix: "start nats-server with -js, or with jetstream {} in its configuration",
  smallPayload: (version: string, bytes: number) =>
    `nats-server ${version} takes messages of up to ${bytes} bytes only: large results cannot be passed on`,
  smallPayloadFix: "set max_payload to 8MB in the configuration of nats-server",
  postgresFine: (version: string, free: number, most: number) =>
    `PostgreSQL ${version}, ${free} of ${most} connections are free`,
  fewConnections: (version: string, free: number, most: number) =>
    `PostgreSQL ${version} has ${free} of ${most} connections left: the next process may get none`,
  fewConnectionsFix: "raise max_connections of PostgreSQL, or start fewer processes",
  replicaFine: "the replica of PostgreSQL follows: reports are read there",
  replicaAway: (problem: string) =>
    `the replica of PostgreSQL cannot be used: reports are read from POSTGRES_URL (${problem})`,
  replicaFix: "start the replica or let it catch up, or correct POSTGRES_REPLICA_URL",
  tablesFine: "PostgreSQL's tables are those of this version",
  olderTables: (steps: number) =>
    `${steps} step${steps === 1 ? "" : "s"} of this version not done in PostgreSQL yet: the next start of the processes does them`,
  newerTables: (steps: string) => `PostgreSQL's tables were made by a newer MacJarvis (${steps})`,
  newerTablesFix: "update MacJarvis here; this version cannot start on them",
  noDeadLetters: "nothing was given up",
  deadLetters: (count: number, queues: string) =>
    `${count} piece${count === 1 ? "" : "s"} of work given up (${queues})`,
  deadLettersFix: "read in the log of the processes why, mend that, and let them run again",
  mongoFine: (version: string) => `MongoDB ${version}, a replica set with a primary`,
  redisFine: "Redis answers",
  redisAway: (problem: string) =>
    `away: everything works, and windows are counted in each process (${problem})`,
  redisFix: "start Redis, or correct REDIS_URL",
  objectsOff: "off (S3_URL is not set): a request or an answer between services has at most 8 MB",
  objectsFine: "S3 answers: large requests and answers between services go by it",
  objectsAway: (problem: string) =>
    `away: what has at most 8 MB goes over NATS, what is larger is refused (${problem})`,
  objectsFix: "start the S3 store, or correct S3_URL, the same in every process",
  nobodyThere: "no process of the cluster answers",
  nobodyThereFix: "npm start starts one; SERVICES names what it runs (docs/operations.md)",
  process: (id: string, version: string, services: string) => `${id}, ${version}: ${services}`,
  versions: (versions: string) => `processes of several versions are there: ${versions}`,
  versionsFix: "bring all processes to one version soon",
  missing: (services: string) => `no process answers that runs ${services}`,
  missingFix: (services: string) => `SERVICES=${services} npm start`,
  hanging: (id: string) => `${id} answers, but did not say for 5 s that it owns its runs`,
  hangingFix: "read its log: MongoDB may be away from there; another agent takes its runs over",
  clocksFine: (count: number) => `${count} clocks, and none is more than 5 s from this one`,
  clocksFix: "set the clocks right: timedatectl set-ntp true, or chrony",
  runsFine: (open: number) => `${open} run${open === 1 ? " is" : "s are"} not over, none without an owner`,
  lostRuns: (count: number, ids: string) =>
    `${count} run${count === 1 ? "" : "s"} of a process that is not there any more: ${ids}`,
  lostRunsFix: "an agent takes them over within 15 s; if none is there: SERVICES=agent npm start",
  holdsFine: "no quota is held for longer than 60 s by a run that is over",
  heldRuns: (count: number, ids: string) =>
    `quota is held for longer than 60 s for ${count} run${count === 1 ? "" : "s"} that nobody works: ${ids}`,
  heldRunsFix: "an agent gives it back within 60 s; if none is there: SERVICES=agent npm start",
  auditFine: (rows: number, chains: number) =>
    `untouched: ${rows} entries in ${chains} chain${chains === 1 ? "" : "s"}`,
  auditFix: "npm run --silent audit -- verify names every fault; see docs/audit.md",
  auditUnreadFix: "npm run --silent audit -- verify takes the time that it needs",
};

const zh: typeof en = {
  late: "20 秒内未能检查完",
  awayFix: "请启动该服务器，或改正它的变量；其余各项已照常检查",
  natsFine: (version) => `nats-server ${version}，带有 JetStream`,
  noJetStream: (version) => `nats-server ${version} 没有 JetStream，而运行的事件存放在其中`,
  noJetStreamFix: "启动 nats-server 时加上 -js，或在它的配置里写 jetstream {}",
  smallPayload: (version, bytes) =>
    `nats-server ${version} 只接受不超过 ${bytes} 字节的消息：较大的结果无法传递`,
  smallPayloadFix: "请在 nats-server 的配置里把 max_payload 设为 8MB",
  postgresFine: (version, free, most) => `PostgreSQL ${version}，${most} 个连接中有 ${free} 个空闲`,
  fewConnections: (version, free, most) =>
    `PostgreSQL ${version} 的 ${most} 个连接只剩 ${free} 个：下一个进程可能连不上`,
  fewConnectionsFix: "请提高 PostgreSQL 的 max_connections，或少启动几个进程",
  replicaFine: "PostgreSQL 的副本跟得上：报表从那里读取",
  replicaAway: (problem) => `PostgreSQL 的副本不可用：报表从 POSTGRES_URL 读取（${problem}）`,
  replicaFix: "请启动副本或等它跟上，或改正 POSTGRES_REPLICA_URL",
  tablesFine: "PostgreSQL 里的表与这个版本一致",
  olderTables: (steps) => `这个版本还有 ${steps} 步更新没有在 PostgreSQL 里完成：进程下次启动时会完成`,
  newerTables: (steps) => `PostgreSQL 里的表是更新版本的 MacJarvis 建立的（${steps}）`,
  newerTablesFix: "请更新这里的 MacJarvis；这个版本不能在其上启动",
  noDeadLetters: "没有被放弃的工作",
  deadLetters: (count, queues) => `有 ${count} 项工作被放弃（${queues}）`,
  deadLettersFix: "请在各进程的日志里查明原因并解决，然后让它们重新执行",
  mongoFine: (version) => `MongoDB ${version}，副本集，有主节点`,
  redisFine: "Redis 有应答",
  redisAway: (problem) => `不可用：一切照常工作，频率窗口由各进程自己计数（${problem}）`,
  redisFix: "请启动 Redis，或改正 REDIS_URL",
  objectsOff: "未启用（没有设置 S3_URL）：服务之间的一个请求或回答最多 8 MB",
  objectsFine: "S3 有应答：服务之间较大的请求和回答经由它传送",
  objectsAway: (problem) => `不可用：不超过 8 MB 的经由 NATS 传送，更大的会被拒绝（${problem}）`,
  objectsFix: "请启动 S3 存储，或改正 S3_URL（每个进程都相同）",
  nobodyThere: "集群里没有进程应答",
  nobodyThereFix: "npm start 可启动一个；SERVICES 写明它运行什么（docs/operations.md）",
  process: (id, version, services) => `${id}，${version}：${services}`,
  versions: (versions) => `有几个版本的进程同时存在：${versions}`,
  versionsFix: "请尽快把所有进程更新到同一个版本",
  missing: (services) => `没有进程运行 ${services}`,
  missingFix: (services) => `SERVICES=${services} npm start`,
  hanging: (id) => `${id} 有应答，但 5 秒内没有表明它仍持有自己的运行`,
  hangingFix: "请看它的日志：它可能连不上 MongoDB；它的运行会由另一个进程接手",
  clocksFine: (count) => `共 ${count} 个时钟，与本机相差都不超过 5 秒`,
  clocksFix: "请校准时钟：timedatectl set-ntp true，或使用 chrony",
  runsFine: (open) => `${open} 个运行尚未结束，都有所属进程`,
  lostRuns: (count, ids) => `有 ${count} 个运行属于已不存在的进程：${ids}`,
  lostRunsFix: "15 秒内会有 agent 接手；如果没有 agent：SERVICES=agent npm start",
  holdsFine: "没有已结束的运行占用配额超过 60 秒",
  heldRuns: (count, ids) => `有 ${count} 个无人处理的运行占用配额超过 60 秒：${ids}`,
  heldRunsFix: "60 秒内会有 agent 归还；如果没有 agent：SERVICES=agent npm start",
  auditFine: (rows, chains) => `未被改动：${chains} 条链上共 ${rows} 条记录`,
  auditFix: "npm run --silent audit -- verify 会列出每一处；参见 docs/audit.md",
  auditUnreadFix: "npm run --silent audit -- verify 会用足所需的时间",
};

export const DOCTOR_CLUSTER = { en, zh };
