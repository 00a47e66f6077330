// Texts of `npm run node`, the program of a Mac that is paired with a server. In the package of its own it is called otherwise
// (bin/node/own-name.ts).

const en = {
  help: `npm run node -- <command> [options]

  join <url> <code>         pairs this machine with a server and serves its tools there; the server shows the
                            code: [--name <name>] [--ca <file>] [--no-serve]
  serve                     serves the tools of this machine; the same as no command, once it is paired
  status                    with whom it is paired, whether it serves, its last calls: [--json]
  leave                     ends the pairing, here and on the server: [--purge] [--yes]
  policy                    what this machine lets the server do: show, check, path, edit
  freeze, thaw              ends all that runs and takes nothing more; takes that back
  chain export              its own record of the calls it ran, to be held against the server's
  secret set <NAME>         a secret that commands may be given, from standard input or typed unseen
  secret list, remove <NAME>
  logs                      what the program has to say: [-n <lines>] [-f]
  install, uninstall        starts it at each login, restarts it when it fails: [--print]

  --name <name>             what the machine is called on the server; its own name unless given
  --ca <file>               authorities (PEM) for the certificate of a server of one's own
  --no-serve                only pairs
  --purge                   removes journal, logs, policy and secrets as well
  --yes, -y                 leaves without asking
  --print                   shows what would be written and run, and does nothing
  --json                    for programs; use npm run --silent node
  --help, -h, --version     this text; the version

Its folder is MACJARVIS_NODE_HOME (~/.macjarvis-node).
Exit code: 0 done, 1 not done, 2 not asked for in a way that can be understood, 3 the server has revoked this machine.
`,
  unknownCommand: (command: string) => `There is no command "${command}". npm run node -- --help lists them.`,
  badOption: (fault: string) => `${fault}. npm run node -- --help lists the options.`,
  optionElsewhere: (option: string, command: string) => `--${option} does not belong to "${command}".`,
  missing: (command: string, what: string) => `"${command}" needs ${what}. npm run node -- --help shows how.`,
  tooMany: (command: string, word: string) => `"${command}" takes no "${word}".`,
  anAddress: "the address of the server",
  aCode: "the pairing code that the server shows",
  aName: "a name in capital letters, such as GITHUB_TOKEN",
  aSecretCommand: "set, list or remove",
  aChainCommand: "export",
  badName: "--name takes 1 to 100 characters.",
  badLines: (text: string) => `-n ${text}: give a whole number from 1 to 10000.`,

  pairing: (url: string) => `Asking ${url} …`,
  platform: "system",
  name: "name",
  fingerprint: "fingerprint",
  compare: (url: string, clock: string) =>
    `Compare this with what ${url} shows, and confirm it there (until ${clock}). Ctrl-C gives up.`,
  paired: (name: string, owner: string, url: string) => `${name} is paired with ${owner} at ${url}.`,
  serveNext: "Serve its tools with npm run node -- serve, or at each login with npm run node -- install.",

  problem: {
    notPaired:
      "This machine is paired with no server. On the server ask for a code (the page of machines, or POST /api/v1/nodes/pairings) and run npm run node -- join <url> <code> here.",
    alreadyPaired: (server: string) =>
      `This machine is paired with ${server} already. Leave that first: npm run node -- leave`,
    inUse: (pid: string) =>
      `Another process${pid} serves this machine already. Stop that one, or look with npm run node -- status.`,
    process: (pid: number) => ` (${pid})`,
    folder: (path: string, why: string) =>
      `${path} cannot be used: ${why}. Mend that, or set MACJARVIS_NODE_HOME to a folder of your own.`,
    damaged: (path: string, why: string) =>
      `${path} is damaged: ${why}. Restore it, or pair anew: npm run node -- leave, then join.`,
    badUrl: (text: string) =>
      `"${text}" is no address of a server: write it like https://macjarvis.example.com`,
    notHttps: (url: string) =>
      `${url} is not https: the code and the key would cross the network in the open. Only a server on this machine may be reached by http.`,
    badCode: (text: string) =>
      `"${text}" is no pairing code: it is ten letters and digits, such as AB12C-D3FGH.`,
    badAuthority: (file: string, why: string) => `--ca ${file}: ${why}. Name a file of certificates in PEM.`,
    unreachable: (url: string, why: string, todo: string) => `No server answers at ${url}: ${why}. ${todo}`,
    checkAddress: "Check the address, and that the server runs.",
    checkNetwork: "Check the network, and the address.",
    checkCertificate:
      "If it is your own server, give its authority with --ca <file>; else somebody may be listening on the way.",
    notMacJarvis: (url: string, status: number) =>
      `What answers at ${url} (status ${status}) is no MacJarvis that takes Macs. Check the address.`,
    codeUnknown: "The server does not know this code. Look at it again, or ask for a new one there.",
    codeUsed: "This code was used already, and works once. Ask the server for a new one.",
    codeExpired: "This code has expired: it is good for ten minutes. Ask the server for a new one.",
    codeRefused: "The pairing was refused on the server. Nothing was kept here.",
    otherFingerprint: (here: string, there: string) =>
      `The server was given another key than this machine's (${there} instead of ${here}): somebody is on the way between them. Nothing was kept here.`,
    tooMany: (wait: string) => `The server takes no more attempts now. Try again in ${wait}.`,
    someTime: "a minute",
    seconds: (seconds: number) => `${seconds} s`,
    leftOff: "Given up: this machine is not paired, and nothing was kept. The code cannot be used again.",
    leftOffConfirmed:
      "Given up: it had just been confirmed, so the server was told to take that back. Nothing was kept here.",
    revoked: (server: string) =>
      `${server} has revoked this machine: it serves no more, and asks no more. To pair it anew: npm run node -- leave, then join.`,
    server: (status: number, detail: string) => `The server refuses (status ${status}): ${detail}`,
    noWords: "it says no more",
  },

  serving: (name: string, owner: string, url: string) =>
    `${name} serves its tools to ${owner} at ${url}. Ctrl-C stops it.`,
  stateAt: (clock: string, what: string) => `${clock}  ${what}`,
  state: {
    connecting: "connecting …",
    connected: "connected",
    cut_off: "cut off; it connects again by itself",
    starting: "starting …",
  },
  trouble: (why: string) => `the credentials cannot be renewed: ${why}`,
  troubleOver: "the credentials are renewed again",
  isFrozen: "This machine is frozen: it runs nothing until npm run node -- thaw.",
  nowFrozen: "frozen: what ran is ended, nothing runs until npm run node -- thaw",
  policyRead: "the policy was read anew",
  policyDamaged: "the policy file is damaged, so nothing runs:",
  stopping: "Stopping …",
  stopped: "Stopped.",

  status: {
    folder: "folder",
    paired: "paired with",
    pairedWith: (owner: string, url: string) => `${owner} at ${url}`,
    notPaired: "nobody",
    since: (what: string, when: string) => `${what}, since ${when}`,
    id: "id",
    serving: "serving",
    notServing: "no",
    process: (pid: number, state: string) => `process ${pid}, ${state}`,
    revoked: "revoked",
    frozen: "frozen",
    unknown: "an unknown time",
    policy: "policy",
    noPolicy: "none: what the server allows",
    restricts: (parts: string) => `restricts ${parts}`,
    emptyPolicy: "restricts nothing",
    damagedPolicy: (fault: string) => `damaged, so nothing runs: ${fault}`,
    calls: "last calls",
    noCalls: "none",
    unfinished: "no end known",
    outcome: {
      done: "done",
      failed: "failed",
      denied: "denied",
      cancelled: "cancelled",
      outcome_unknown: "outcome unknown",
    },
  },

  confirmLeave: (url: string) => `Leave ${url}? This machine's key is removed. (y/n) `,
  notDone: "Nothing was changed.",
  stopFirst: (pid: number) =>
    `Process ${pid} serves this machine now: stop it first (Ctrl-C there; npm run node -- uninstall where it starts at login).`,
  left: (url: string) => `This machine has left ${url}: its key is gone, here and there.`,
  leftUntold: (url: string, why: string) =>
    `The key is removed here, but ${url} could not be told (${why}). Revoke this machine there, too.`,
  purged: (path: string) => `Everything of it in ${path} is removed.`,
  kept: (path: string) => `Journal, policy and secrets stay in ${path}.`,

  frozenNow: "Frozen: what runs is ended within a second, and nothing is taken until npm run node -- thaw.",
  frozenAlready: "It is frozen already.",
  thawed: "Thawed: calls are taken again.",
  notFrozen: "It is not frozen.",

  policyNone: (path: string) =>
    `There is no ${path}: this machine does whatever the server allows. npm run node -- policy edit shows how to write one.`,
  policyFine: (path: string) => `${path} can be used.`,
  policyFaults: (path: string) => `${path} is damaged, and while it is this machine runs nothing:`,
  policyUnknown: (names: string) =>
    `Nothing here is called ${names} (a plugin or a tool of an MCP server may come later).`,
  policyEdit: (path: string) =>
    `Write what this machine may be used for into ${path} (mode 0600), then npm run node -- policy check. It holds with the next call; roots, sandbox and mcp with the next start. For example:`,

  secretSet: (name: string) => `The secret ${name} is kept on this machine.`,
  secretTools: (name: string) =>
    `No tool may have it yet. Name them in the policy: "secrets": {"${name}": {"tools": ["execute_shell_command"]}}`,
  secretPrompt: (name: string) => `Value of ${name} (it is not shown): `,
  secretNoValue: "There was no value: nothing was changed.",
  secretRemoved: (name: string) => `The secret ${name} is removed.`,
  secretNone: (name: string) => `There is no secret ${name}.`,
  secretsNone: "There are no secrets. npm run node -- secret set <NAME> keeps one.",
  secretInArgument:
    "The value does not belong on the command line, where others can read it: pipe it in, or type it when asked.",
  badSecret: {
    name: "A name has capital letters, digits and _, and begins with a letter: GITHUB_TOKEN.",
    short: "A secret has at least 6 characters: a shorter one could not be found in what commands print.",
    long: "A secret has at most 2900 bytes.",
    nul: "A secret has no zero bytes: no command could be given it.",
    many: "There are 200 secrets already: remove one first.",
  },

  noLog: "Nothing was logged yet.",
  noService: "Only macOS (launchd) and Linux (systemd) are known to start it at login.",
  wrote: (path: string) => `wrote ${path}`,
  removed: (path: string) => `removed ${path}`,
  ran: (command: string) => `ran ${command}`,
  wouldWrite: (path: string) => `would write ${path}:`,
  wouldRun: (command: string) => `would run ${command}`,
  commandFailed: (command: string, said: string) =>
    `${command} did not work: ${said}. Do this in a session of this user on the machine itself.`,
  installed: "It runs now, and from now on at each login. npm run node -- status shows it.",
  linger: (user: string) =>
    `It stops when you log out. To keep it running without a login: sudo loginctl enable-linger ${user}`,
  uninstalled: "It is not started at login any more.",
  notInstalled: "It was not installed.",
};

const zh: typeof en = {
  help: `npm run node -- <命令> [选项]

  join <网址> <配对码>      把这台机器与服务器配对，并在那里提供它的工具；配对码由服务器显示：
                            [--name <名称>] [--ca <文件>] [--no-serve]
  serve                     提供这台机器的工具；配对之后不写命令也是它
  status                    与谁配对、是否在服务、最近的调用：[--json]
  leave                     解除配对，这里和服务器上都解除：[--purge] [--yes]
  policy                    这台机器允许服务器做什么：show、check、path、edit
  freeze, thaw              结束一切正在运行的并不再接受新的；恢复
  chain export              输出本机自己的调用记录，供与服务器的记录比对
  secret set <名称>         可以交给命令使用的机密，从标准输入读取，或不回显地输入
  secret list, remove <名称>
  logs                      程序的日志：[-n <行数>] [-f]
  install, uninstall        每次登录时启动，出错时重启：[--print]

  --name <名称>             这台机器在服务器上的名称；不写则用它自己的名称
  --ca <文件>               自己的服务器证书的颁发机构（PEM）
  --no-serve                只配对
  --purge                   连日志、策略和机密一起删除
  --yes, -y                 不询问就离开
  --print                   显示将要写入和执行的内容，但什么也不做
  --json                    供程序使用；请用 npm run --silent node
  --help, -h, --version     本说明；版本

它的目录是 MACJARVIS_NODE_HOME（~/.macjarvis-node）。
退出码：0 完成，1 没有完成，2 命令无法理解，3 服务器已吊销这台机器。
`,
  unknownCommand: (command) => `没有“${command}”这个命令。用法见 npm run node -- --help。`,
  badOption: (fault) => `${fault}。用法见 npm run node -- --help。`,
  optionElsewhere: (option, command) => `--${option} 不能用于“${command}”。`,
  missing: (command, what) => `“${command}”需要${what}。用法见 npm run node -- --help。`,
  tooMany: (command, word) => `“${command}”不接受“${word}”。`,
  anAddress: "服务器的网址",
  aCode: "服务器显示的配对码",
  aName: "大写字母的名称，如 GITHUB_TOKEN",
  aSecretCommand: " set、list 或 remove",
  aChainCommand: "export",
  badName: "--name 要有 1 到 100 个字符。",
  badLines: (text) => `-n ${text}：请写 1 到 10000 的整数。`,

  pairing: (url) => `正在询问 ${url} …`,
  platform: "系统",
  name: "名称",
  fingerprint: "指纹",
  compare: (url, clock) => `请与 ${url} 显示的内容核对，并在那里确认（${clock} 之前）。Ctrl-C 放弃。`,
  paired: (name, owner, url) => `${name} 已与 ${url} 的 ${owner} 配对。`,
  serveNext: "用 npm run node -- serve 提供工具，或用 npm run node -- install 在每次登录时启动。",

  problem: {
    notPaired:
      "这台机器没有与任何服务器配对。请在服务器上取得配对码（机器页面，或 POST /api/v1/nodes/pairings），再在这里运行 npm run node -- join <网址> <配对码>。",
    alreadyPaired: (server) => `这台机器已与 ${server} 配对。请先离开：npm run node -- leave`,
    inUse: (pid) => `另一个进程${pid}已在为这台机器服务。请停止它，或用 npm run node -- status 查看。`,
    process: (pid) => `（${pid}）`,
    folder: (path, why) =>
      `${path} 不能使用：${why}。请解决这个问题，或把 MACJARVIS_NODE_HOME 设为您自己的目录。`,
    damaged: (path, why) =>
      `${path} 已损坏：${why}。请恢复它，或重新配对：npm run node -- leave，然后 join。`,
    badUrl: (text) => `“${text}”不是服务器的网址：请写成 https://macjarvis.example.com`,
    notHttps: (url) => `${url} 不是 https：配对码和密钥会明文经过网络。只有本机的服务器可以用 http。`,
    badCode: (text) => `“${text}”不是配对码：它有十个字母和数字，如 AB12C-D3FGH。`,
    badAuthority: (file, why) => `--ca ${file}：${why}。请给出 PEM 格式的证书文件。`,
    unreachable: (url, why, todo) => `连接不上 ${url} 的服务器：${why}。${todo}`,
    checkAddress: "请检查网址，以及服务器是否在运行。",
    checkNetwork: "请检查网络和网址。",
    checkCertificate: "如果这是您自己的服务器，请用 --ca <文件> 给出它的颁发机构；否则可能有人在中途窃听。",
    notMacJarvis: (url, status) =>
      `${url} 上应答的（状态码 ${status}）不是接受 Mac 的 MacJarvis。请检查网址。`,
    codeUnknown: "服务器不认识这个配对码。请再看一遍，或在那里取得新的。",
    codeUsed: "这个配对码已经用过，只能用一次。请在服务器上取得新的。",
    codeExpired: "这个配对码已过期：有效期十分钟。请在服务器上取得新的。",
    codeRefused: "服务器上拒绝了这次配对。这里没有留下任何内容。",
    otherFingerprint: (here, there) =>
      `服务器收到的密钥不是这台机器的（是 ${there}，而不是 ${here}）：有人在两者之间。这里没有留下任何内容。`,
    tooMany: (wait) => `服务器现在不再接受尝试。请在 ${wait}后再试。`,
    someTime: "一分钟",
    seconds: (seconds) => `${seconds} 秒`,
    leftOff: "已放弃：这台机器没有配对，没有留下任何内容。这个配对码不能再用。",
    leftOffConfirmed: "已放弃：刚刚得到确认，因此已通知服务器撤回。这里没有留下任何内容。",
    revoked: (server) =>
      `${server} 已吊销这台机器：它不再服务，也不再询问。要重新配对：npm run node -- leave，然后 join。`,
    server: (status, detail) => `服务器拒绝（状态码 ${status}）：${detail}`,
    noWords: "没有说明原因",
  },

  serving: (name, owner, url) => `${name} 正在为 ${url} 的 ${owner} 提供工具。Ctrl-C 停止。`,
  stateAt: (clock, what) => `${clock}  ${what}`,
  state: {
    connecting: "正在连接 …",
    connected: "已连接",
    cut_off: "连接断开；会自动重新连接",
    starting: "正在启动 …",
  },
  trouble: (why) => `凭据无法续期：${why}`,
  troubleOver: "凭据又能续期了",
  isFrozen: "这台机器已冻结：在 npm run node -- thaw 之前什么也不运行。",
  nowFrozen: "已冻结：运行中的已结束，在 npm run node -- thaw 之前什么也不运行",
  policyRead: "已重新读取策略",
  policyDamaged: "策略文件已损坏，因此什么也不运行：",
  stopping: "正在停止 …",
  stopped: "已停止。",

  status: {
    folder: "目录",
    paired: "配对",
    pairedWith: (owner, url) => `${url} 的 ${owner}`,
    notPaired: "无",
    since: (what, when) => `${what}，自 ${when}`,
    id: "编号",
    serving: "服务",
    notServing: "否",
    process: (pid, state) => `进程 ${pid}，${state}`,
    revoked: "已吊销",
    frozen: "冻结",
    unknown: "未知时间",
    policy: "策略",
    noPolicy: "无：服务器允许什么就是什么",
    restricts: (parts) => `限制 ${parts}`,
    emptyPolicy: "没有限制",
    damagedPolicy: (fault) => `已损坏，因此什么也不运行：${fault}`,
    calls: "最近的调用",
    noCalls: "无",
    unfinished: "结果未知",
    outcome: {
      done: "完成",
      failed: "失败",
      denied: "被拒绝",
      cancelled: "已取消",
      outcome_unknown: "结果不明",
    },
  },

  confirmLeave: (url) => `要离开 ${url} 吗？这台机器的密钥会被删除。(y/n) `,
  notDone: "没有作任何改动。",
  stopFirst: (pid) =>
    `进程 ${pid} 正在为这台机器服务：请先停止它（在那里按 Ctrl-C；登录时启动的用 npm run node -- uninstall）。`,
  left: (url) => `这台机器已离开 ${url}：密钥在这里和那里都已删除。`,
  leftUntold: (url, why) => `这里的密钥已删除，但无法通知 ${url}（${why}）。请在那里也吊销这台机器。`,
  purged: (path) => `${path} 里属于它的内容已全部删除。`,
  kept: (path) => `日志、策略和机密留在 ${path}。`,

  frozenNow: "已冻结：正在运行的会在一秒内结束，在 npm run node -- thaw 之前不接受任何调用。",
  frozenAlready: "它已经冻结。",
  thawed: "已恢复：又可以接受调用。",
  notFrozen: "它没有冻结。",

  policyNone: (path) =>
    `没有 ${path}：服务器允许什么，这台机器就做什么。npm run node -- policy edit 说明怎样写。`,
  policyFine: (path) => `${path} 可以使用。`,
  policyFaults: (path) => `${path} 已损坏，这期间这台机器什么也不运行：`,
  policyUnknown: (names) => `这里没有叫 ${names} 的（插件或 MCP 服务器的工具可能以后才有）。`,
  policyEdit: (path) =>
    `请把这台机器可以用来做什么写进 ${path}（权限 0600），再运行 npm run node -- policy check。从下一次调用起生效；roots、sandbox 和 mcp 从下一次启动起。例如：`,

  secretSet: (name) => `机密 ${name} 已保存在这台机器上。`,
  secretTools: (name) =>
    `还没有工具可以使用它。请在策略里写明："secrets": {"${name}": {"tools": ["execute_shell_command"]}}`,
  secretPrompt: (name) => `${name} 的值（不会显示）：`,
  secretNoValue: "没有给出值：没有作任何改动。",
  secretRemoved: (name) => `机密 ${name} 已删除。`,
  secretNone: (name) => `没有机密 ${name}。`,
  secretsNone: "没有机密。用 npm run node -- secret set <名称> 保存一个。",
  secretInArgument: "值不能写在命令行里，别人会看到：请用管道给出，或在询问时输入。",
  badSecret: {
    name: "名称由大写字母、数字和 _ 组成，以字母开头：GITHUB_TOKEN。",
    short: "机密至少要有 6 个字符：更短的无法在命令的输出里找到。",
    long: "机密最多 2900 字节。",
    nul: "机密里不能有零字节：无法交给任何命令。",
    many: "已经有 200 个机密：请先删除一个。",
  },

  noLog: "还没有日志。",
  noService: "只有 macOS（launchd）和 Linux（systemd）能在登录时启动它。",
  wrote: (path) => `已写入 ${path}`,
  removed: (path) => `已删除 ${path}`,
  ran: (command) => `已执行 ${command}`,
  wouldWrite: (path) => `将会写入 ${path}：`,
  wouldRun: (command) => `将会执行 ${command}`,
  commandFailed: (command, said) => `${command} 没有成功：${said}。请在这台机器上以这个用户的会话执行。`,
  installed: "它现在正在运行，以后每次登录时启动。用 npm run node -- status 查看。",
  linger: (user) => `您注销后它会停止。要在没有登录时也运行：sudo loginctl enable-linger ${user}`,
  uninstalled: "它不再在登录时启动。",
  notInstalled: "它没有安装过。",
};

export const NODE = { en, zh };
