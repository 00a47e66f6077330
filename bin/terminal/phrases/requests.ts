// What the server answers to a request that it refuses: the details of `lib/errors.ts`' errors.
import type { Phrase } from "./phrase.ts";

export const REQUESTS: readonly Phrase[] = [
  ["Only a core service may call this.", "只有核心服务可以这样调用。"],
  ["Only an admin may do this.", "只有管理员可以这样做。"],
  ["The API key needs the scope {scopes}.", "这个 API 密钥需要权限 {scopes}。"],
  [
    "The API key needs the scope {scopes} to remember the answer as a rule.",
    "要把回答记成规则，这个 API 密钥需要权限 {scopes}。",
  ],
  [
    "The API key needs the scope {scopes} to choose other arguments.",
    "要改用别的参数，这个 API 密钥需要权限 {scopes}。",
  ],
  [
    "{what} needs a login, or an API key that has all scopes.",
    "{what}需要登录，或用拥有全部权限的 API 密钥。",
  ],
  ["Making an admin", "设立管理员"],
  ["Changing the policy, or who may use this machine's tools,", "改动规则，或改动谁可以使用这台机器的工具，"],
  ["Setting the password of an account", "设置账户的密码"],
  ["A new password of an account that has no password", "为没有密码的账户设置密码"],
  ["The removal of an account that has no password", "删除没有密码的账户"],
  ["The call carries no identity.", "这个调用没有身份。"],
  ["The identity of the call has expired.", "这个调用的身份已过期。"],
  ["The identity of the call is not valid.", "这个调用的身份无效。"],
  [
    "The token is not valid: log in again, or use an API key that exists.",
    "令牌无效：请重新登录，或使用存在的 API 密钥。",
  ],
  [
    "The access token has expired: get a new one with the refresh token.",
    "访问令牌已过期：请用刷新令牌换一个新的。",
  ],
  ["The refresh token is not valid: log in again.", "刷新令牌无效：请重新登录。"],
  [
    "The refresh token was just used: go on with the tokens that use has given.",
    "刷新令牌刚刚用过：请使用那一次得到的令牌。",
  ],
  [
    "The refresh token was used before, so this login was ended: log in again.",
    "刷新令牌以前用过，这次登录已失效：请重新登录。",
  ],
  ["The account is disabled: ask an admin of this server.", "账户已停用：请联系这个服务器的管理员。"],
  ["The account was disabled: ask an admin of this server.", "账户已被停用：请联系这个服务器的管理员。"],
  ["The account has lost rights that this was begun with: ask again.", "账户的权限变少了：请重新发出请求。"],
  [
    "The login or key that this was begun with has ended: log in again, or use another key.",
    "开始时所用的登录或密钥已失效：请重新登录，或换一个密钥。",
  ],
  ["E-mail or password is wrong.", "邮箱或密码不正确。"],
  ["The current password is wrong: give the one you log in with.", "当前密码不正确：请输入登录所用的密码。"],
  [
    'The account has no password: leave "current_password" out.',
    '这个账户没有密码：请不要写 "current_password"。',
  ],
  ['"current_password" {fault}.', "“current_password”{fault}。"],
  ["is needed: {what} is asked for with the password", "没有写：这样做要用密码确认"],
  ['"expires_at" {fault}.', "“expires_at”{fault}。"],
  ['"cursor" is not one that a list has given.', '"cursor" 不是列表给出的。'],
  ['"{key}" or one of its unique fields is there already.', "“{key}”或它的某个唯一字段已经存在。"],
  [
    'Send an access token or an API key in one header "Authorization: Bearer …".',
    '请用一个 "Authorization: Bearer …" 头发送访问令牌或 API 密钥。',
  ],
  [
    'Send the body as it is: no Transfer-Encoding but "chunked".',
    '请原样发送请求内容：Transfer-Encoding 只能是 "chunked"。',
  ],
  [
    'Send JSON, not compressed, with the header "Content-Type: application/json".',
    '请发送未压缩的 JSON，并带上 "Content-Type: application/json" 头。',
  ],
  ['Only an admin can make a key with the scope "admin".', '只有管理员可以创建带 "admin" 权限的密钥。'],
  ["Too many wrong passwords. Wait before the next try.", "密码错误的次数太多。请稍后再试。"],
  ["Too much was asked for at once. Nothing was done; try again.", "同时请求过多。什么都没有做；请重试。"],
  ["Too many passwords are being checked. Try again in a moment.", "正在核对的密码太多。请稍后再试。"],
  [
    "Too many requests without a valid credential came from this address.",
    "来自这个地址的无有效凭据的请求太多。",
  ],
  [
    "The password {fault}: choose another, e.g. a few unrelated words.",
    "密码{fault}：请换一个，例如几个互不相关的词。",
  ],
  ["is one of the most common passwords", "是最常见的密码之一"],
  ["is a plain row of characters", "只是一串连续的字符"],
  ["is made of the e-mail address", "由邮箱拼成"],
  [
    "New users come by invitation: ask an admin of this server to make an account.",
    "没有开放注册：请让这个服务器的管理员创建账户。",
  ],
  ["This server takes no new users.", "这个服务器不接受新用户。"],
  ["REGISTRATION=closed: this server takes no new users.", "REGISTRATION=closed：这个服务器不接受新用户。"],
  ["The registration took too long and was undone: register again.", "注册用时太长，已撤销：请重新注册。"],
  [
    "An account with this e-mail address is being made or removed: try again in a few minutes.",
    "使用这个邮箱的账户正在创建或删除：请过几分钟再试。",
  ],
  [
    "The e-mail address has an account already: log in, or use another address.",
    "这个邮箱已经有账户：请登录，或换一个邮箱。",
  ],
  [
    "This is the last admin: make another account an admin first.",
    "这是最后一个管理员：请先让另一个账户成为管理员。",
  ],
  [
    "Your own account is removed with DELETE /api/v1/users/me.",
    "自己的账户要用 DELETE /api/v1/users/me 删除。",
  ],
  ["Your own password is changed with PUT /api/v1/users/me.", "自己的密码要用 PUT /api/v1/users/me 修改。"],
  [
    "An account has at most {most} API keys: remove one first.",
    "一个账户最多有 {most} 个 API 密钥：请先删除一个。",
  ],
  [
    "This key has none of the usual scopes to pass on: name the scopes.",
    "这个密钥没有可以转授的常用权限：请写明权限。",
  ],
  ["A key cannot give what it does not have: {scopes}.", "密钥不能授予自己没有的权限：{scopes}。"],

  ["There is no such user.", "没有这个用户。"],
  ['You have no API key "{id}".', "您没有 API 密钥“{id}”。"],
  ['You have no node "{id}".', "您没有节点“{id}”。"],
  ['Nobody shares a machine "{id}" with you.', "没有人与您共享机器“{id}”。"],
  ['You have no session "{id}".', "您没有会话“{id}”。"],
  ['There is no run "{id}".', "没有运行“{id}”。"],
  ['The run asks nothing about "{id}".', "这个运行没有关于“{id}”的询问。"],
  ['The session has no message "{id}".', "这个会话里没有消息“{id}”。"],
  ['No machine of yours has a tool "{name}".', "您的机器上没有工具“{name}”。"],
  ['There is no plan "{plan}". There are: {plans}.', "没有套餐“{plan}”。现有的套餐：{plans}。"],
  [
    "The configuration has the revision {revision} now, not {wanted}: read it again and decide anew.",
    "配置现在的版本是 {revision}，不是 {wanted}：请重新读取后再决定。",
  ],
  [
    'If-Match must be the ETag of GET /api/v1/admin/config, e.g. "3" in its quotes.',
    'If-Match 必须是 GET /api/v1/admin/config 的 ETag，例如带引号的 "3"。',
  ],
  [
    "The configuration was never changed: there is nothing to go back to.",
    "配置从未改动过：没有可以恢复的值。",
  ],
  [
    "There are no former values with the revision {revision}. GET /api/v1/admin/config/history shows those that are kept.",
    "没有版本 {revision} 的旧值。GET /api/v1/admin/config/history 列出保留着的旧值。",
  ],
  [
    "What is asked has {bytes} bytes; the services of the server pass on {most} at most. Nothing was done; send less at once.",
    "请求有 {bytes} 字节；服务器的各个服务之间最多传送 {most} 字节。什么都没有执行；请一次少发一些。",
  ],
  [
    "The answer has {bytes} bytes; the services of the server pass on {most} at most. What was asked has been done; ask for less at once.",
    "回答有 {bytes} 字节；服务器的各个服务之间最多传送 {most} 字节。所要求的已经执行；请一次少要一些。",
  ],
  [
    "The services of the server cannot reach one another now: NATS is away. Nothing was done; try again.",
    "服务器的各个服务现在无法互相联系：NATS 不可用。什么都没有执行；请再试一次。",
  ],
  [
    "The process that was asked stopped before it began. Nothing was done; try again.",
    "被请求的进程在开始之前停止了。什么都没有执行；请再试一次。",
  ],
  [
    "The process that was asked stood still and had not begun. Nothing was done; try again.",
    "被请求的进程停顿了，还没有开始。什么都没有执行；请再试一次。",
  ],
  [
    "The connection between the server's services was cut while this was under way. It may have been done.",
    "进行到一半时，服务器各个服务之间的连接断了。所要求的可能已经执行。",
  ],
  [
    "What is asked has {bytes} bytes, which go by the store of objects, and that cannot be used now. Nothing was done; try again.",
    "请求有 {bytes} 字节，要经由对象存储传送，而它现在不能使用。什么都没有执行；请再试一次。",
  ],
  [
    "The answer has {bytes} bytes, which go by the store of objects, and that cannot be used now. What was asked has been done.",
    "回答有 {bytes} 字节，要经由对象存储传送，而它现在不能使用。所要求的已经执行。",
  ],
  [
    "What is asked could not be read from the store of objects. Nothing was done; try again.",
    "无法从对象存储中读取请求的内容。什么都没有执行；请再试一次。",
  ],
  [
    "The answer could not be read from the store of objects. What was asked has been done.",
    "无法从对象存储中读取回答。所要求的已经执行。",
  ],
  [
    "The result of the call could not be fetched. It may have been run.",
    "无法取得这次调用的结果。它可能已经执行。",
  ],
  ["There is no {METHOD} here, but {methods}.", "这里没有 {METHOD}，只有 {methods}。"],
  ["There is no {METHOD} {path}. {advice}", "没有 {METHOD} {path}。{advice}"],
  ["The routes are below {prefix}.", "所有路由都在 {prefix} 下面。"],
  ["Perhaps you mean {path}.", "您也许想要 {path}。"],

  [
    "The session works on a run. Wait for its end or cancel it.",
    "会话里有运行正在进行。请等它结束，或取消它。",
  ],
  [
    'The session works on {run}. Wait for its end, cancel it, or send if_busy "queue" or "interrupt".',
    '会话里正在进行 {run}。请等它结束或取消它，也可以发送 if_busy "queue" 或 "interrupt"。',
  ],
  ["another run", "另一个运行"],
  ["{count} runs wait in this session already.", "这个会话里已有 {count} 个运行在排队。"],
  ["Too many others write to this session; try again.", "同时写入这个会话的请求太多；请再试一次。"],
  ["Too many new sessions at once; try again.", "同时新建的会话太多；请再试一次。"],
  ["The session's run did not end in time.", "会话里的运行没有及时结束。"],
  [
    "Your plan allows {count} sessions. Delete one (archived ones count too), or ask for a larger plan.",
    "您的套餐最多有 {count} 个会话。请删除一个（归档的也算），或换更大的套餐。",
  ],
  [
    "Your plan allows {count} runs per {window}. Come again in {seconds} s.",
    "您的套餐每{window}最多 {count} 次运行。请在 {seconds} 秒后再试。",
  ],
  ["minute", "分钟"],
  ["hour", "小时"],
  ["day", "天"],
  [
    "Your plan works {count} runs at once, and all of them are busy. Wait for one to end, or cancel one.",
    "您的套餐可以同时进行 {count} 个运行，现在都在进行。请等一个结束，或取消一个。",
  ],
  [
    "Your plan's {what} of the day are used; they are new at midnight UTC.",
    "您的套餐今天的 {what}已用完；UTC 零点重新计算。",
  ],
  ["{count} runs", "{count} 次运行"],
  ["{count} tokens", "{count} 个 token"],
  ["{count} US dollars", "{count} 美元"],
  [
    "What your plan leaves of the day's {what} is held by runs that are under way. Wait for one to end, or cancel one.",
    "您的套餐今天剩余的{what}已被正在进行的运行占用。请等一个结束，或取消一个。",
  ],
  ["tokens", " token "],
  ["cost", "费用"],
  [
    "This Idempotency-Key was used with another credential in the last 24 hours. Use a new key for a new message.",
    "这个 Idempotency-Key 在 24 小时内用另一个凭据用过。新消息请用新的键。",
  ],
  [
    "The same message is being accepted at this moment by another process. Send it again, with the same Idempotency-Key.",
    "另一个进程此刻正在受理同一条消息。请使用相同的 Idempotency-Key 重新发送。",
  ],
  [
    "This Idempotency-Key was used with another body in the last 24 hours. Use a new key for a new message.",
    "这个 Idempotency-Key 在 24 小时内用于过别的内容。新消息请用新的键。",
  ],
  [
    "Idempotency-Key must be 1 to 255 visible ASCII characters.",
    "Idempotency-Key 必须是 1 到 255 个可见的 ASCII 字符。",
  ],
  [
    'The machine {node} has no tool {names}. GET /api/v1/tools lists those there are; leave "tools" out to use them all.',
    '机器 {node} 上没有工具 {names}。GET /api/v1/tools 列出所有工具；不写 "tools" 则全部可用。',
  ],
  [
    'Your machines have no tool {names}. GET /api/v1/tools lists those there are; leave "tools" out to use them all.',
    '您的机器上没有工具 {names}。GET /api/v1/tools 列出所有工具；不写 "tools" 则全部可用。',
  ],

  ["Nobody answered the question in time. The call did not run.", "没有人及时回答询问。调用没有执行。"],
  ["The question was answered before; the first answer counts.", "这个询问以前回答过；以第一次的回答为准。"],
  [
    "Nobody answered the question before it was closed. {why} The call did not run.",
    "询问关闭之前没有人回答。{why}调用没有执行。",
  ],
  ["The arguments do not fit the tool.", "参数不符合这个工具的要求。"],
  ["The policy denies the tool with these arguments.", "规则不允许用这些参数调用这个工具。"],
  [
    'The policy asks before "{tool}" {what}. Allow it with PUT /api/v1/users/me/policy, or let the agent ask in a chat.',
    "按照规则，“{tool}”{what}要先询问。请用 PUT /api/v1/users/me/policy 允许，或在对话里由智能体询问。",
  ],
  ["runs", "运行"],
  ['sends to {hosts} (a rule with "host")', '发往 {hosts}（规则里用 "host"）'],
  ["{why} Let the agent ask in a chat.", "{why}请在对话里由智能体询问。"],

  [
    "Events are kept for one hour after the run's end. Read the session's messages.",
    "事件在运行结束后保留一小时。请查看会话的消息。",
  ],
  [
    "The events of this run were damaged on the server's disk. Read the run and its session's messages.",
    "这个运行的事件在服务器的磁盘上损坏了。请查看运行本身和会话的消息。",
  ],
  [
    "The events of this run were damaged on the server's disk. What it did is in its session's messages and in the run itself.",
    "这个运行的事件在服务器的磁盘上损坏了。它做过什么，见会话的消息和运行本身。",
  ],
  [
    "Events of this run were lost on the server. What it did is in its session's messages and in the run itself.",
    "这个运行的一些事件在服务器上丢失了。它做过什么，见会话的消息和运行本身。",
  ],
  [
    "The event {name} of this run has {size} bytes, and the cluster passes on {limit} at most.",
    "这个运行的事件 {name} 有 {size} 字节，而集群最多传递 {limit} 字节。",
  ],
  ["A text holds a NUL character, which cannot be stored.", "文本里有一个不能保存的 NUL 字符。"],
  [
    "The object has {bytes} bytes, and at most {most} fit.",
    "这个对象有 {bytes} 字节，最多只能容纳 {most} 字节。",
  ],
  [
    'The object "{key}" is not what was stored. Whoever runs the server has to restore it from a backup.',
    "对象“{key}”不是当初存入的内容。服务器的管理者需要从备份中恢复它。",
  ],
  ["The {part} of an object {fault}.", "对象的 {part} {fault}。"],
  ["An object has at most {bytes} bytes.", "一个对象最多 {bytes} 字节。"],
  ["A temporary address lasts 1 to {most} seconds.", "临时地址的有效期是 1 到 {most} 秒。"],
  [
    "The store of objects cannot be used now: {reason}. Nothing was lost; try again.",
    "对象存储现在不能使用：{reason}。没有丢失任何内容；请重试。",
  ],
  ["One of its unique fields is there already.", "它的某个唯一字段已经存在。"],
  ["The document store cannot be used now: {reason}. Try again.", "文档存储现在不能使用：{reason}。请重试。"],
  ["A field cannot have the name {name} here.", "字段在这里不能叫 {name}。"],
  ["A document can be nested {most} levels deep, and no more.", "一个文档最多可以嵌套 {most} 层。"],
  ["The database cannot be used now: {reason}. Try again.", "数据库现在不能使用：{reason}。请重试。"],
  [
    "Read the large answers, and end the large requests, that you have under way first.",
    "请先读完正在接收的大回答，并发完正在发送的大请求。",
  ],
  [
    "The server has too many large requests under way. Try again in a moment.",
    "服务器正在处理的大请求太多。请稍后再试。",
  ],
  ["The client has left.", "客户端已离开。"],
  [
    "You have {count} tool calls under way. Wait for one to end.",
    "您有 {count} 个工具调用正在进行。请等一个结束。",
  ],
  [
    "One run after the other begins in this session: stop what begins them first.",
    "这个会话里不断有新的运行开始：请先停止发起它们的程序。",
  ],
  ["The password was changed meanwhile: give the new one.", "密码刚刚被修改：请输入新密码。"],
  ["The server is shutting down; try again.", "服务器正在关闭；请稍后再试。"],
  ["The server is shutting down. Try again soon.", "服务器正在关闭。请稍后再试。"],
  ["The server is shutting down; the run goes on when it is back.", "服务器正在关闭；恢复后运行会继续。"],

  ["The address of a request begins with a slash.", "请求的地址要以斜杠开头。"],
  [
    "This server does not answer to that host name. Add it to ALLOWED_HOSTS if it should.",
    "这个服务器不以那个主机名应答。如果应该，请把它加进 ALLOWED_HOSTS。",
  ],
  [
    "Pages of this origin may not call the server. Add it to ALLOWED_ORIGINS if they should.",
    "这个来源的网页不能访问服务器。如果应该，请把它加进 ALLOWED_ORIGINS。",
  ],
  ["Send one Host header.", "请发送一个 Host 头。"],
  ["The address could not be decoded.", "地址无法解码。"],
  ['"{name}" is part of the path.', "“{name}”是路径的一部分。"],
  ['The query has "{name}" twice or may not have it.', "查询里“{name}”出现了两次，或者不能有它。"],
  ["The body broke off.", "请求内容中断了。"],
  ["A body may have at most 10 MB.", "请求内容最多 10 MB。"],
  ["The body is not UTF-8.", "请求内容不是 UTF-8。"],
  ["The body could not be parsed as JSON.", "请求内容无法解析为 JSON。"],
  ["The body must be a JSON object.", "请求内容必须是 JSON 对象。"],
  ["A body may hold {most} values.", "请求内容最多有 {most} 个值。"],
  ["A body may be nested {most} levels deep.", "请求内容最多嵌套 {most} 层。"],
  ['The key "{key}" is not allowed.', "不允许使用键“{key}”。"],

  [
    "No Mac can join: this server has no edge. Start it with `npm start -- --with-nats`, or give it EDGE_URL (docs/config.md).",
    "没有 Mac 能加入：这个服务器没有边缘总线。请用 `npm start -- --with-nats` 启动，或设置 EDGE_URL（见 docs/config.md）。",
  ],
  [
    "This Mac was revoked: pair it anew if it should come back.",
    "这台 Mac 已被撤销：如果要它回来，请重新配对。",
  ],
  ["This Mac is kept away for a minute: {reason}.", "这台 Mac 被断开一分钟：{reason}。"],
  ['There is no Mac "{id}" with this key.', "没有用这个密钥的 Mac“{id}”。"],
  [
    "The Mac's clock says {there}, the server's {here}: set the one that is wrong.",
    "Mac 的时钟是 {there}，服务器的是 {here}：请校正不准的一个。",
  ],
  ["This Mac does not do it: {why}.", "这台 Mac 不这样做：{why}。"],
  ["The machine of the call is not connected.", "这个调用的机器没有连接。"],
  ["No machine of yours has the labels {labels}.", "你没有带这些标签的机器：{labels}。"],
  [
    '"{name}" was not connected in {seconds} s. Nothing was done.',
    "“{name}”在 {seconds} 秒内没有连接，没有执行任何操作。",
  ],
  [
    'The call was taken out of the queue of "{name}". Nothing was done.',
    "这个调用已从“{name}”的队列中取出，没有执行任何操作。",
  ],
  ["The Mac is not connected.", "这台 Mac 没有连接。"],
  ["The Mac does not answer.", "这台 Mac 没有应答。"],
  ['"{name}" has not answered in time.', "“{name}”没有及时应答。"],
  ['"{name}" is not connected.', "“{name}”没有连接。"],
  ["The Mac has answered what cannot be read.", "这台 Mac 的应答无法读取。"],
  ['No call "{id}" waits for this machine.', "没有等待这台机器的调用“{id}”。"],
  ["{count} calls wait for this machine already.", "已有 {count} 个调用在等待这台机器。"],
  ['You have no pairing "{id}".', "你没有配对“{id}”。"],
  ["This pairing has expired: begin a new one.", "这个配对已过期：请重新开始。"],
  ["This pairing has expired: ask for a new code.", "这个配对已过期：请取一个新的配对码。"],
  [
    "This pairing code is not valid: it is mistyped, used, or older than ten minutes.",
    "这个配对码无效：打错了、已用过，或超过了十分钟。",
  ],
  [
    "No Mac has used the code yet: type the command of the pairing there first.",
    "还没有 Mac 使用这个配对码：请先在那台 Mac 上输入配对的命令。",
  ],
  [
    "The Mac that has used the code has the fingerprint {fingerprint}. If your Mac shows another one, somebody else has used the code: do not confirm, begin a new pairing.",
    "使用了配对码的 Mac 的指纹是 {fingerprint}。如果你的 Mac 显示的不同，就是别人用了这个配对码：不要确认，请重新配对。",
  ],
  [
    "The key of this Mac is another Mac's already, perhaps one that was revoked. Let it leave (`npm run node -- leave`) and pair it anew.",
    "这台 Mac 的密钥已属于另一台 Mac，也许是已撤销的。请让它离开（`npm run node -- leave`）再重新配对。",
  ],
  ["You have {count} Macs: revoke one that you do not need.", "你有 {count} 台 Mac：请撤销不需要的一台。"],
  ["At most {count} Macs a day can be paired.", "一天最多配对 {count} 台 Mac。"],
  [
    "You have {count} open pairings: use one of them, or wait until the first has expired.",
    "你有 {count} 个未完成的配对：请使用其中一个，或等第一个过期。",
  ],
  ["You have opened too many pairings. Wait before the next one.", "你开始的配对太多，请稍后再试。"],
  ["Too many wrong pairing codes. Wait before the next try.", "错误的配对码太多，请稍后再试。"],
  ["Too many requests with a wrong signature came from this address.", "来自这个地址的签名错误的请求太多。"],
  ["This Mac asks for credentials far too often.", "这台 Mac 过于频繁地请求凭据。"],
  ["The signature is not that of the key over this code.", "签名不是这个密钥对这个配对码的签名。"],
  ["Only an admin may change this machine's entry.", "只有管理员可以修改本机的条目。"],
  ["Only an admin may revoke this machine.", "只有管理员可以撤销本机。"],
  ["Only an admin may freeze and thaw this machine.", "只有管理员可以冻结和恢复本机。"],
  ["The server keeps no record of its own.", "服务器没有自己的另一份记录。"],
  [
    '"{name}" is frozen since {since} by {by}: it runs nothing until it is thawed. Do not try it in another way.',
    "“{name}”自 {since} 起被冻结（{by}）：恢复之前什么也不运行。不要换别的办法再试。",
  ],
  [
    "This is the machine the server runs on: it cannot be revoked. HOST_TOOLS=owner keeps its tools for admins.",
    "这是服务器所在的机器，不能撤销。HOST_TOOLS=owner 使它的工具只供管理员使用。",
  ],
];
