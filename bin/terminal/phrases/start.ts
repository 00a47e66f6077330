// Why a server does not start or cannot store: variables, ports, the data folder, the database, the audit trail, the sandbox.
import type { Phrase } from "./phrase.ts";

export const START: readonly Phrase[] = [
  ["A variable is not set to something that can be used:", "有一个变量的值不能使用："],
  ["{count} variables are not set to something that can be used:", "有 {count} 个变量的值不能使用："],
  ["{NAME}: {fault}", "{NAME}：{fault}"],
  ["{fault} (it is {value})", "{fault}（现在是 {value}）"],
  ["{fault} ({character} at place {place})", "{fault}（第 {place} 个字符是{character}）"],
  ["a blank", "空格"],
  ["a line end", "换行"],
  ["the character U+{code}", "字符 U+{code}"],
  ["must be a whole number from {least} to {most}", "必须是 {least} 到 {most} 的整数"],
  ["must be a number of seconds above 0, at most {most}", "必须是大于 0、不超过 {most} 的秒数"],
  ["must be an http:// or https:// address", "必须是 http:// 或 https:// 开头的地址"],
  ["must be provider/model, e.g. {example}", "必须写成 供应商/模型，例如 {example}"],
  ["has a character that no key has", "含有密钥里不会有的字符"],
  ["must be {words} or {last}", "必须是 {words} 或 {last}"],
  ["each secret needs at least 32 characters", "每个签名密钥至少要有 32 个字符"],
  [
    "names no secret: unset it, or give one of at least 32 characters",
    "没有写出签名密钥：请取消设置，或给出至少 32 个字符的密钥",
  ],
  [
    "must be origins such as https://app.example.com, without a path",
    "必须是 https://app.example.com 这样的来源，不带路径",
  ],
  ["must be addresses or CIDR blocks, e.g. {example}", "必须是地址或 CIDR 网段，例如 {example}"],
  [
    "without NATS_URL the services of a process cannot be started apart. Unset it, or name all: {services}",
    "没有 NATS_URL 就不能把服务分开启动。请取消设置，或写出全部：{services}",
  ],
  [
    "names a service that there is not. There are: {services}",
    "写了一个不存在的服务。现有的服务：{services}",
  ],
  [
    "must be set as well: a cluster needs {names}. Set it, or unset {others} for one process on its own files.",
    "也必须设置：集群需要 {names}。请设置它，或取消设置 {others}，用一个进程和自己的文件运行。",
  ],
  [
    "must be set in a cluster, the same for all its processes: at least 32 characters, e.g. from `openssl rand -base64 48`.",
    "在集群里必须设置，所有进程都相同：至少 32 个字符，例如用 `openssl rand -base64 48` 生成。",
  ],
  ["is used with NATS_URL only. Unset it.", "只与 NATS_URL 一起使用。请取消设置。"],
  ["METRICS_PORT: must be another port than PORT", "METRICS_PORT：必须与 PORT 不同"],
  [
    "the name of a server is written in capital letters, digits and _, beginning with a letter",
    "服务器的名字只用大写字母、数字和 _，并以字母开头",
  ],
  [
    '"{name}" is the name of another provider; give this server another one',
    "“{name}”是另一个供应商的名字；请给这个服务器换一个名字",
  ],
  ["must say where the server is whose key {key} has", "必须写明 {key} 这个密钥所属服务器的地址"],
  [
    "CRASH_AT={point} is no crash point; there are: {points}",
    "CRASH_AT={point} 不是崩溃点；可用的有：{points}",
  ],

  [
    "Port {port} on {host} is in use. Stop what uses it, or choose another: {command}",
    "{host} 的端口 {port} 已被占用。请停止占用它的程序，或换一个端口：{command}",
  ],
  [
    "Port {port} on {host} needs rights you do not have. Set {variable} to one above 1023.",
    "使用 {host} 的端口 {port} 需要您没有的权限。请把 {variable} 设为 1023 以上的端口。",
  ],
  [
    "HOST={host} is no address of this machine. Use one that is: 127.0.0.1 for this machine alone, 0.0.0.0 for others too.",
    "HOST={host} 不是本机的地址。请用本机的地址：127.0.0.1 只供本机使用，0.0.0.0 也供其他机器使用。",
  ],
  [
    "HOST={host} is a name that no machine has. Use an address of this machine: 127.0.0.1, or 0.0.0.0 for others too.",
    "HOST={host} 不是任何机器的名字。请用本机的地址：127.0.0.1，要供其他机器使用则用 0.0.0.0。",
  ],
  [
    "Nothing can listen on {where}. Set HOST and {variable} to a free address of this machine.",
    "无法在 {where} 上监听。请把 HOST 和 {variable} 设为本机空闲的地址。",
  ],

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
    "PostgreSQL (POSTGRES_URL) holds no audit trail yet: it begins with the first start of the cluster's processes. Check POSTGRES_URL.",
    "PostgreSQL（POSTGRES_URL）里还没有审计记录：它从集群的进程第一次启动时开始。请检查 POSTGRES_URL。",
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
    "must be {schemes} addresses, commas between several, e.g. tls://edge.example.com:4223",
    "必须是 {schemes} 地址，多个之间用逗号，例如 tls://edge.example.com:4223",
  ],
  [
    "has a user or password in it: hubs come with hub.creds of EDGE_KEYS. Leave it out",
    "里面有用户名或密码：hub 使用 EDGE_KEYS 里的 hub.creds 连接。请去掉它",
  ],
  [
    "would be reached in plain text: give nats-server a certificate and the address as tls://. Only this machine (127.0.0.1, localhost) may be reached without TLS",
    "会以明文访问：请给 nats-server 证书，并把地址写成 tls://。只有本机（127.0.0.1、localhost）可以不用 TLS",
  ],
  [
    "there are no keys of the edge in {folder}. Make them with: {command}",
    "{folder} 里没有 edge 的密钥。请用此命令生成：{command}",
  ],
  [
    "{folder} lacks {files}. Copy that from the folder which {command} has made",
    "{folder} 缺少 {files}。请从 {command} 生成的目录复制",
  ],
  [
    "The keys of the edge in {folder} lack {file}: bring it back from where it was taken to, or from a backup. {command} makes a folder of keys anew.",
    "{folder} 里 edge 的密钥缺少 {file}：请从移去的地方或备份取回。{command} 会生成全新的密钥目录。",
  ],
  [
    "The keys of the edge in {folder} lack {files}. New ones would not fit those that are there: bring them back from where they were taken to, or from a backup. To begin anew (every Mac has to be paired again) move {old} away and use {command}.",
    "{folder} 里 edge 的密钥缺少 {files}。新生成的与现有的不相配：请从移去的地方或备份取回。要重新开始（每台 Mac 都要重新配对），请移走 {old}，再用 {command}。",
  ],
  [
    "The folder {folder} has no keys of the edge, but other things ({names}). Name another folder with EDGE_KEYS (or --folder).",
    "目录 {folder} 里没有 edge 的密钥，却有别的内容（{names}）。请用 EDGE_KEYS（或 --folder）指定别的目录。",
  ],
  [
    "The folder {folder} cannot be used: {reason}. Name another folder with EDGE_KEYS (or --folder).",
    "目录 {folder} 不能使用：{reason}。请用 EDGE_KEYS（或 --folder）指定别的目录。",
  ],
  [
    '{path} has no line such as listen: "127.0.0.1:4223". Give it one, or move the file away and use {command}.',
    '{path} 里没有像 listen: "127.0.0.1:4223" 这样的一行。请加上，或移走这个文件再用 {command}。',
  ],
  [
    "NATS does not let this process hear {subject} ({reason}): it could not be called. Give it the NATS user of what it does, with the rights in deploy/compose/nats/roles.conf.",
    "NATS 不允许这个进程收听 {subject}（{reason}）：别的进程无法调用它。请让它使用与其职责相符的 NATS 用户，权限见 deploy/compose/nats/roles.conf。",
  ],
  [
    "The server cannot store anything now: {reason}. Nothing was lost; try again.",
    "服务器现在无法存储：{reason}。没有丢失任何内容；请稍后再试。",
  ],
  [
    "The server cannot answer this: {reason}. Whoever runs it has to restore it from a backup.",
    "服务器无法回答这个请求：{reason}。需要由服务器的管理者从备份恢复。",
  ],
  ["the database: {reason}", "数据库：{reason}"],
  ["the disk is full", "磁盘已满"],
  [
    "the disk of {home} is full (less than {least} MiB are free)",
    "{home} 所在的磁盘已满（剩余不足 {least} MiB）",
  ],
  ["the disk does not answer", "磁盘没有响应"],
  ["the disk did not take what was written", "磁盘没有接受写入的内容"],
  ["the database is locked", "数据库被锁住"],
  ["there is no memory left", "内存已用完"],
  ["the database cannot be written", "数据库不可写"],
  ["the database file cannot be opened", "数据库文件无法打开"],
  ["the database file is damaged", "数据库文件已损坏"],
  ["the database file is no database", "数据库文件不是数据库"],
  ["a row of the database is damaged", "数据库里有一行已损坏"],
  ["events cannot be written, perhaps the disk is full", "无法写入事件，也许磁盘已满"],
  ["it is shutting down", "它正在关闭"],
  ["a store (the log says more)", "数据存储（详情见日志）"],

  [
    "{path} holds fewer than {least} characters: restore it, or remove it to log everybody out.",
    "{path} 不足 {least} 个字符：请恢复它，或删除它（所有人都要重新登录）。",
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
    "{home} holds no database: set MACJARVIS_HOME to the server's data folder.",
    "{home} 里没有数据库：请把 MACJARVIS_HOME 设为服务器的数据目录。",
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
  [
    "None of the folders for tools is there: {folders}. Make one, or change TOOL_ROOTS.",
    "工具可用的目录都不存在：{folders}。请创建一个，或修改 TOOL_ROOTS。",
  ],

  ["{file}: it is a folder; a plugin is a file", "{file}：它是目录；插件应是一个文件"],
  ["{file}: it is no regular file", "{file}：它不是普通文件"],
  ["{file}: it is none of {kinds}", "{file}：它不是 {kinds} 之一"],
  [
    "{file}: it has {size} bytes; a plugin has at most {most}",
    "{file}：它有 {size} 字节；插件最多 {most} 字节",
  ],
  ["{file}: it is a link; put the file itself here", "{file}：它是链接；请放文件本身"],
  ["{file}: it cannot be read: {why}", "{file}：无法读取：{why}"],
  ["{file}: it has no default export", "{file}：没有默认导出"],
  ["{file}: its default export is not a tool", "{file}：默认导出不是工具"],
  ["{file}: its import does not end", "{file}：导入没有结束"],
  ["{file}: it ends its process when it is imported", "{file}：导入时会结束进程"],
  ["{file}: it changes {names}, which the whole server uses", "{file}：它会改动整个服务器都在使用的 {names}"],
  ["{file}: the plugins before it took too long", "{file}：前面的插件用时太长"],
  ['the name "{name}" is taken by {file}', "名字“{name}”已被 {file} 使用"],
  ["There is no sandbox for {platform}; use macOS or Linux.", "{platform} 没有沙箱；请使用 macOS 或 Linux。"],
  [
    "The sandbox knows no system calls of {arch}; use x64 or arm64.",
    "沙箱不认识 {arch} 的系统调用；请使用 x64 或 arm64。",
  ],
  ["bubblewrap is not installed. Run: {command}", "没有安装 bubblewrap。请运行：{command}"],
  ["bubblewrap cannot start: {output}. {advice}", "bubblewrap 无法启动：{output}。{advice}"],
  [
    "sandbox-exec cannot start: {output}. It is part of macOS; run: {command}",
    "sandbox-exec 无法启动：{output}。它是 macOS 的一部分；请运行：{command}",
  ],
  [
    "This system keeps user namespaces from bubblewrap. Run: {command}",
    "这个系统不让 bubblewrap 使用用户命名空间。请运行：{command}",
  ],
  ["Use a kernel with CONFIG_SECCOMP_FILTER.", "请使用带有 CONFIG_SECCOMP_FILTER 的内核。"],
  ["Run: {command}", "请运行：{command}"],
];
