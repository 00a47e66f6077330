// Texts of the chat's command about machines.

const en = {
  usage:
    "/nodes lists your machines, /nodes <number> shows one; /nodes pair [name] lets a Mac join, /nodes revoke <number> ends one.",
  none: "You have no machine yet. /nodes pair lets a Mac join.",
  hint: "/nodes <number> shows one; /nodes pair [name] lets a Mac join; /nodes revoke <number> ends one",
  status: { online: "connected", offline: "away", revoked: "revoked" },
  tools: (count: number) => (count === 1 ? "1 tool" : `${count} tools`),
  waiting: (count: number) => (count === 1 ? "1 call waits for it" : `${count} calls wait for it`),
  until: (time: string) => `until ${time}`,
  lastSeen: (time: string) => `Last seen: ${time}`,
  frozen: (time: string) => `Frozen since ${time}: it runs nothing.`,
  fingerprint: (fingerprint: string) => `Fingerprint: ${fingerprint}`,
  lastCalls: "Last calls:",
  runs: "has not ended",
  ends: {
    done: "done",
    failed: "failed",
    denied: "denied",
    cancelled: "cancelled",
    outcome_unknown: "outcome unknown",
  } as Record<string, string>,
  itsTools: (count: number) => (count === 1 ? "1 tool:" : `${count} tools:`),
  leftOut: (count: number, names: string) =>
    `Your plan offers the model fewer tools than your machines have. ${count === 1 ? "One is" : `${count} are`} left out: ${names}. A chat that names its "tools" is offered those.`,
  sharedBy: (name: string) => `shared by ${name}`,
  comma: ", ",
  typeThere: "Type this on the Mac, in the folder of MacJarvis:",
  validUntil: (time: string) =>
    `The code is good once, until ${time}. Waiting for the Mac (Ctrl-C leaves it)…`,
  expired: "The code has expired, and no Mac has used it. /nodes pair makes a new one.",
  leftOff: "Left. A Mac that uses the code now waits for your confirmation; without one it is not let in.",
  used: (name: string, platform: string, version: string) =>
    `A Mac has used the code. It calls itself "${name}" (${platform}, version ${version}), with the fingerprint`,
  same: "Does the Mac show exactly this one? Only then is it yours.",
  yesKey: "y  yes, let it in",
  noKey: "n  no",
  notConfirmed: "It is not let in. If your Mac shows another fingerprint, somebody else has used the code.",
  joined: (name: string) => `"${name}" has joined.`,
  which: "Which one? /nodes lists them: /nodes revoke <number>",
  noSuch: (number: string) => `There is no machine ${number}. /nodes lists them.`,
  revokeAsk: (name: string) => `End "${name}"? It is cut off at once and has to be paired anew to come back.`,
  revokeKey: "y  yes, end it",
  kept: "It stays.",
  revoked: (name: string) => `"${name}" is revoked.`,
};

const zh: typeof en = {
  usage:
    "/nodes 列出你的机器，/nodes <编号> 显示一台；/nodes pair [名称] 让一台 Mac 加入，/nodes revoke <编号> 撤销一台。",
  none: "你还没有机器。/nodes pair 让一台 Mac 加入。",
  hint: "/nodes <编号> 显示一台；/nodes pair [名称] 让一台 Mac 加入；/nodes revoke <编号> 撤销一台",
  status: { online: "已连接", offline: "不在线", revoked: "已撤销" },
  tools: (count) => `${count} 个工具`,
  waiting: (count) => `${count} 个调用在等它`,
  until: (time) => `至 ${time}`,
  lastSeen: (time) => `最后在线：${time}`,
  frozen: (time) => `自 ${time} 起冻结：不运行任何东西。`,
  fingerprint: (fingerprint) => `指纹：${fingerprint}`,
  lastCalls: "最近的调用：",
  runs: "还没有结束",
  ends: { done: "完成", failed: "失败", denied: "被拒绝", cancelled: "已取消", outcome_unknown: "结果不明" },
  itsTools: (count) => `${count} 个工具：`,
  leftOut: (count, names) =>
    `你的套餐给模型的工具比你的机器有的少，有 ${count} 个没有给：${names}。在对话请求里用 "tools" 指名的会给。`,
  sharedBy: (name) => `由 ${name} 共享`,
  comma: "，",
  typeThere: "请在那台 Mac 上 MacJarvis 的文件夹里输入：",
  validUntil: (time) => `配对码只能用一次，有效至 ${time}。正在等待 Mac（Ctrl-C 离开）…`,
  expired: "配对码已过期，没有 Mac 使用它。/nodes pair 生成新的。",
  leftOff: "已离开。现在使用配对码的 Mac 会等待你确认；不确认就不能加入。",
  used: (name, platform, version) =>
    `一台 Mac 使用了配对码。它自称“${name}”（${platform}，版本 ${version}），指纹是`,
  same: "那台 Mac 显示的和这个完全一样吗？一样才是你的。",
  yesKey: "y  是，让它加入",
  noKey: "n  不是",
  notConfirmed: "没有让它加入。如果你的 Mac 显示别的指纹，就是别人用了配对码。",
  joined: (name) => `“${name}”已加入。`,
  which: "哪一台？用 /nodes 列出，再 /nodes revoke <编号>",
  noSuch: (number) => `没有第 ${number} 台机器。/nodes 列出机器。`,
  revokeAsk: (name) => `撤销“${name}”吗？它会立即断开，要回来必须重新配对。`,
  revokeKey: "y  是，撤销",
  kept: "保留不变。",
  revoked: (name) => `“${name}”已撤销。`,
};

export const NODES = { en, zh };
