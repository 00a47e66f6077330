// Texts of `npm start`: its help, its banner, its warnings. What concerns the models comes from where they are looked at.

const en = {
  help: `npm start [-- options]

Starts MacJarvis in one process and prints where it is and what to do next. Ctrl-C ends it.

  --repl         opens a prompt for administrators in the terminal (docs/operations.md)
  --with-nats    runs nats-server beside it, on which Macs join: on this machine only, on a port that stays the same
  --nats-listen HOST:PORT, --nats-websocket HOST:PORT, --nats-tls-cert FILE, --nats-tls-key FILE
                 where it listens and its certificate (PEM), for Macs elsewhere; EDGE_PUBLIC_URL says where they find it
  --version, -V  prints the version
  --help, -h     this text

Settings are environment variables, for example: PORT=4000 MACJARVIS_HOME=/srv/macjarvis npm start
docs/config.md has all of them; npm run doctor finds what is wrong.
`,
  badOption: (fault: string) =>
    `${fault}. npm start -- --help lists the options; settings are environment variables (docs/config.md).`,
  noArguments: (word: string) => `npm start takes no "${word}". npm start -- --help lists the options.`,
  running: "MacJarvis is running",
  andOthers: " (and this machine's other addresses)",
  rows: {
    url: "URL",
    console: "Console",
    data: "Data",
    model: "Model",
    tools: "Tools",
    sandbox: "Sandbox",
    metrics: "Metrics",
    edge: "Macs",
    services: "Services",
    servers: "Servers",
    next: "Next",
  },
  consoleOnce: "works once, for ten minutes; npm run console makes another",
  demoModel: (name: string) => `${name}, a small rule-based stand-in, not a real model. For a real one set`,
  demoVariables:
    "OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or OPENAI_BASE_URL (Ollama, vLLM …), and start again.",
  moreModels: (count: number) => `(+${count} more, in the chat: /models)`,
  modelGone: (id: string) => `${id}, cannot be used now`,
  sandbox: { on: "on", off: "off", unavailable: "unavailable" },
  tools: (count: number, who: "all" | "admins", roots: string) =>
    `${count} on this machine, for ${who === "all" ? "all users" : "admins only"}; files in ${roots}`,
  macs: (isHere: boolean) =>
    `/nodes pair in the chat lets one join${isHere ? ", from this machine only (others: npm start -- --help)" : ""}`,
  question: "How full is my disk?",
  notReady: (problem: string) => `Not ready: ${problem}. Chats are refused until that is mended.`,
  sandboxOff:
    "SANDBOX=off: commands that the model runs are not confined. Unset SANDBOX to confine them again.",
  noSandbox: (why: string) => `No sandbox, so tools that run commands refuse. ${why}`,
  doctorTells: "npm run doctor tells why.",
  hostToolsAll:
    "HOST_TOOLS=all: every user of this server may use this machine's tools. Unset it to keep them for admins.",
  modelRefused: (id: string, why: string) => `The default model ${id} cannot be used: ${why}.`,
  providerMissing: "its provider is not set up",
  sentence: (words: string) => `${words}.`,
  plainHttp:
    "Reachable from other machines over plain HTTP: put a TLS proxy in front (TRUSTED_PROXIES), and name the hosts that others call it by in ALLOWED_HOSTS.",
  invite:
    "Nobody can register: an admin makes the accounts (npm run user -- create <e-mail>), or set REGISTRATION=open.",
  open: "REGISTRATION=open: anybody who reaches this server can make an account.",
  stopping: (signal: string) => `${signal}: finishing what is under way (once more to stop at once) …`,
  failed: "MacJarvis could not start.",
};

const zh: typeof en = {
  help: `npm start [-- 选项]

在一个进程里启动 MacJarvis，并显示它的地址和下一步。按 Ctrl-C 结束。

  --repl         在终端里打开管理员的命令行（docs/operations.md）
  --with-nats    同时运行 nats-server，供 Mac 加入：只在本机，端口保持不变
  --nats-listen HOST:PORT, --nats-websocket HOST:PORT, --nats-tls-cert FILE, --nats-tls-key FILE
                 它监听的地址和证书（PEM），供别处的 Mac 使用；EDGE_PUBLIC_URL 说明它们从哪里连接
  --version, -V  显示版本
  --help, -h     显示本说明

设置都是环境变量，例如：PORT=4000 MACJARVIS_HOME=/srv/macjarvis npm start
docs/config.md 列出全部设置；npm run doctor 查找问题。
`,
  badOption: (fault) => `${fault}。npm start -- --help 列出所有选项；设置都是环境变量（docs/config.md）。`,
  noArguments: (word) => `npm start 不接受“${word}”。npm start -- --help 列出所有选项。`,
  running: "MacJarvis 正在运行",
  andOthers: "（以及本机的其他地址）",
  rows: {
    url: "地址",
    console: "控制台",
    data: "数据",
    model: "模型",
    tools: "工具",
    sandbox: "沙箱",
    metrics: "指标",
    edge: "Mac",
    services: "服务",
    servers: "服务器",
    next: "下一步",
  },
  consoleOnce: "十分钟内有效，只能用一次；npm run console 可以再要一个",
  demoModel: (name) => `${name}，只是按固定规则应答的替身，不是真正的模型。要用真正的模型，请设置`,
  demoVariables:
    "OPENAI_API_KEY、ANTHROPIC_API_KEY 或 GEMINI_API_KEY，或 OPENAI_BASE_URL（Ollama、vLLM 等），再重新启动。",
  moreModels: (count) => `（另有 ${count} 个，在对话里用 /models 查看）`,
  modelGone: (id) => `${id}，现在不能使用`,
  sandbox: { on: "已启用", off: "已关闭", unavailable: "不可用" },
  tools: (count, who, roots) =>
    `本机有 ${count} 个，${who === "all" ? "所有用户可用" : "只有管理员可用"}；文件范围 ${roots}`,
  macs: (isHere) =>
    `在对话里用 /nodes pair 让 Mac 加入${isHere ? "，只限本机（别处的见 npm start -- --help）" : ""}`,
  question: "磁盘用了多少？",
  notReady: (problem) => `尚未就绪：${problem}。解决之前不接受对话。`,
  sandboxOff: "SANDBOX=off：模型运行的命令不受限制。取消 SANDBOX 的设置即可恢复限制。",
  noSandbox: (why) => `没有沙箱，因此运行命令的工具会拒绝执行。${why}`,
  doctorTells: "npm run doctor 可以查明原因。",
  hostToolsAll: "HOST_TOOLS=all：这个服务器的每个用户都可以使用本机的工具。取消这个设置则只有管理员可用。",
  modelRefused: (id, why) => `默认模型 ${id} 不能使用：${why}。`,
  providerMissing: "它的供应商没有设置好",
  sentence: (words) => `${words}。`,
  plainHttp:
    "其他机器可以通过不加密的 HTTP 访问：请在前面放置 TLS 代理（TRUSTED_PROXIES），并在 ALLOWED_HOSTS 里写明别人访问时使用的主机名。",
  invite: "没有开放注册：由管理员创建账户（npm run user -- create <邮箱>），或设置 REGISTRATION=open。",
  open: "REGISTRATION=open：任何能访问这个服务器的人都可以创建账户。",
  stopping: (signal) => `${signal}：正在完成手头的工作（再来一次则立即停止）……`,
  failed: "MacJarvis 未能启动。",
};

export const START = { en, zh };
