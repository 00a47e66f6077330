// What the server says of Macs: pairing, credentials, calls that wait for one, freezing.
import type { Phrase } from "./phrase.ts";

export const JOINED_MACS: readonly Phrase[] = [
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
  [
    "This pairing was confirmed: revoke the machine that came of it.",
    "这次配对已经确认：请撤销由此加入的机器。",
  ],
];
