// A data folder that is moved into a cluster: why it cannot be, and why nothing starts on it before or afterwards.
import type { Phrase } from "./phrase.ts";

export const MOVE: readonly Phrase[] = [
  [
    "The data folder {home} was moved to a cluster: what is done here now would be missing there. Start the cluster's processes, each with a folder of its own in MACJARVIS_HOME; or, to go on here without what the cluster has done since, remove {mark}.",
    "数据文件夹 {home} 已搬到集群：现在在这里做的事，集群里不会有。请启动集群的各个进程，每个进程在 MACJARVIS_HOME 中使用自己的文件夹；如果要在这里继续、不要集群此后所做的一切，请删除 {mark}。",
  ],
  [
    "A data folder is being moved into this cluster, and not all of it is here yet. Wait for npm run migrate, or run it again where it was broken off.",
    "正在把一个数据文件夹搬入这个集群，还没有全部到齐。请等待 npm run migrate 结束；如果它中断了，请再次运行。",
  ],
  [
    "The data folder {home} is damaged: {fault}. Run npm run doctor, which says what to do.",
    "数据文件夹 {home} 已损坏：{fault}。请运行 npm run doctor，它会说明该怎么做。",
  ],
  ["{path} is damaged at byte {byte}", "{path} 在第 {byte} 字节处损坏"],
  ["{path} lacks events of {run} behind {last}", "{path} 缺少 {run} 在第 {last} 个之后的事件"],
  [
    "A row of {table} cannot be moved: PostgreSQL cannot keep its {column}, which is {type} there.",
    "{table} 中有一行无法搬移：PostgreSQL 无法保存它的 {column}，那里的类型是 {type}。",
  ],
  ["The events of {run} cannot be written: {why}.", "{run} 的事件无法写入：{why}。"],
  ["NATS does not answer, or somebody else writes them", "NATS 没有回应，或者有别人在写入它们"],
  [
    "An event has more bytes than NATS passes on ({most}): set max_payload to 8MB in its configuration, or more.",
    "有一个事件的字节数超过 NATS 能传递的上限（{most}）：请在它的配置里把 max_payload 设置为 8MB 或更大。",
  ],
];
