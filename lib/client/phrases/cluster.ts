// Why a process of a cluster does not start: the others on its NATS, the way to NATS, its rights there.
import type { Phrase } from "./phrase.ts";

export const CLUSTER: readonly Phrase[] = [
  [
    "Two clusters are on one NATS: another process there works on another PostgreSQL ({id}). Give each cluster a NATS server of its own, or set POSTGRES_URL and JWT_SECRET of this process as the others have them.",
    "两个集群连着同一个 NATS：那里另一个进程使用别的 PostgreSQL（{id}）。请给每个集群一个自己的 NATS 服务器，或把这个进程的 POSTGRES_URL 和 JWT_SECRET 设得与其他进程相同。",
  ],
  [
    "Another process on this NATS has another JWT_SECRET, which has to be the same for all of a cluster ({id}). Give each cluster a NATS server of its own, or set POSTGRES_URL and JWT_SECRET of this process as the others have them.",
    "这个 NATS 上另一个进程的 JWT_SECRET 不同，而整个集群必须用同一个（{id}）。请给每个集群一个自己的 NATS 服务器，或把这个进程的 POSTGRES_URL 和 JWT_SECRET 设得与其他进程相同。",
  ],
  [
    "a process of MacJarvis {version} speaks version {protocol} of the bus, and this one ({own}) version {known}: they cannot work together. Stop those of the other version first, or start this one in the same",
    "有一个 MacJarvis {version} 进程使用总线的第 {protocol} 版，而这个进程（{own}）使用第 {known} 版：它们不能一起工作。请先停止那个版本的进程，或用相同的版本启动这个进程",
  ],
  [
    "The clock of {machine} is {seconds} s ahead of this machine's. Set both right (chrony, systemd-timesyncd): logins end too early or too late by that.",
    "{machine} 的时钟比本机快 {seconds} 秒。请把两边都校准（chrony、systemd-timesyncd）：否则登录会过早或过晚失效。",
  ],
  [
    "The clock of {machine} is {seconds} s behind this machine's. Set both right (chrony, systemd-timesyncd): logins end too early or too late by that.",
    "{machine} 的时钟比本机慢 {seconds} 秒。请把两边都校准（chrony、systemd-timesyncd）：否则登录会过早或过晚失效。",
  ],
  [
    "NATS at {where} does not accept the credentials. Check user and password (or token) in {VARIABLE}, or the credentials file.",
    "{where} 的 NATS 不接受凭据。请检查 {VARIABLE} 里的用户名和密码（或令牌），或凭据文件。",
  ],
  [
    "There is no NATS at {where}: the connection was refused. Start nats-server, or correct {VARIABLE}.",
    "{where} 没有 NATS：连接被拒绝。请启动 nats-server，或改正 {VARIABLE}。",
  ],
  [
    "There is no NATS at {where}: the name of the host is not known. Correct {VARIABLE}.",
    "{where} 没有 NATS：主机名无法解析。请改正 {VARIABLE}。",
  ],
  [
    "What listens at {where} did not answer as NATS does in time. Check {VARIABLE}, and that nats-server runs and is not overloaded.",
    "{where} 上的程序没有及时像 NATS 那样应答。请检查 {VARIABLE}，并确认 nats-server 在运行且没有过载。",
  ],
  [
    "The certificate of NATS at {where} is not trusted ({reason}). Give the certificate of the authority that signed it.",
    "{where} 的 NATS 的证书不受信任（{reason}）。请提供签发机构的证书。",
  ],
  [
    "NATS at {where} has no TLS, and {VARIABLE} asks for it. Give nats-server a certificate.",
    "{where} 的 NATS 没有 TLS，而 {VARIABLE} 要求使用。请给 nats-server 证书。",
  ],
  [
    "What listens at {where} closed the connection before it said what it is: a NATS server that starts or stops, or none at all. Try again, or correct {VARIABLE}.",
    "{where} 上的程序还没有表明身份就断开了连接：可能是正在启动或停止的 NATS，也可能不是 NATS。请重试，或改正 {VARIABLE}。",
  ],
  [
    "What listens at {where} is no NATS server. Correct {VARIABLE}.",
    "{where} 上的程序不是 NATS。请改正 {VARIABLE}。",
  ],
  ["NATS at {where} cannot be used: {reason}.", "{where} 的 NATS 不能使用：{reason}。"],
  ["The NATS credentials file {path} cannot be used: {reason}.", "NATS 凭据文件 {path} 不能使用：{reason}。"],
  [
    "NATS at {where} would be reached in plain text, with all that users say. Give its address as {secure}; only this machine (127.0.0.1, localhost) may be reached without TLS.",
    "会以明文访问 {where} 的 NATS，用户所说的一切都会暴露。请把地址写成 {secure}；只有本机（127.0.0.1、localhost）可以不用 TLS。",
  ],
  [
    "NATS does not let this process hear {subject} ({reason}): it could not be called. Give it the NATS user of what it does, with the rights in deploy/compose/nats/roles.conf.",
    "NATS 不允许这个进程收听 {subject}（{reason}）：别的进程无法调用它。请让它使用与其职责相符的 NATS 用户，权限见 deploy/compose/nats/roles.conf。",
  ],
];
