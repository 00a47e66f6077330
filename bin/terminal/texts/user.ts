// Texts of `npm run user`.

const en = {
  help: `npm run user -- <command> [options]

  list [text]               all accounts, or those whose e-mail or name has a text
  show <user>               one account with its limits
  create <e-mail>           makes one; a password is made and shown once, unless it comes through
                            standard input: [--password-stdin] [--role <role>] [--plan <plan>]
  role <user> <role>        free_user, pro_user or admin
  plan <user> <plan>        free, pro, enterprise
  limits <user>             shows the limits of one user beside those of the plan
  limits <user> <name>=<n>  gives a user other limits than the plan; <name>=none is no limit,
                            <name>=plan goes back to the plan's, reset goes back to all of them
  disable <user>            ends what the account has under way, and lets nobody in
  enable <user>             takes that back
  remove <user>             removes the account with its sessions, runs and files
  usage <user> [--days <n>] what it has used, 1 to 90 days

  <user> is an e-mail address, an id, or the end of an id.
  --yes, -y                 does what destroys something without asking
  --json                    for programs: what the server answers; use npm run --silent user
  --help, -h                this text

It needs the key of an admin: MACJARVIS_KEY, or the owner's key of this machine.
Exit code: 0 done, 1 not done, 2 not asked for in a way that can be understood.
`,
  unknownCommand: (command: string) => `There is no command "${command}". npm run user -- --help lists them.`,
  badOption: (fault: string) => `${fault}. npm run user -- --help lists the options.`,
  optionElsewhere: (option: string, command: string) => `--${option} does not belong to "${command}".`,
  missing: (command: string, what: string) => `"${command}" needs ${what}. npm run user -- --help shows how.`,
  tooMany: (command: string, word: string) => `"${command}" takes no "${word}".`,
  aUser: "a user: an e-mail address or an id",
  anEmail: "an e-mail address",
  aRole: "a role: free_user, pro_user or admin",
  aPlan: "a plan: free, pro or enterprise",
  badRole: (role: string) => `There is no role "${role}": use free_user, pro_user or admin.`,
  badDays: (days: string) => `--days ${days}: give a whole number from 1 to 90.`,
  badLimit: (text: string) =>
    `"${text}" is no limit: write <name>=<number>, <name>=none or <name>=plan, or the one word reset.`,
  badLimitName: (name: string, names: string) => `There is no limit "${name}": use ${names}.`,
  noSuchUser: (text: string) => `There is no user "${text}". npm run user -- list shows all of them.`,
  severalUsers: (text: string, users: string) =>
    `Several users fit "${text}": ${users}. Give the whole e-mail address or id.`,
  noUsers: "There is no account yet.",
  noMatch: (text: string) => `No account has "${text}" in its e-mail address or name.`,
  columns: { email: "e-mail", role: "role", plan: "plan", state: "state", lastLogin: "last login", id: "id" },
  active: "active",
  disabled: "disabled",
  never: "never",
  name: "name",
  created: "created",
  limits: "limits",
  ownLimit: "own",
  unlimited: "unlimited",
  made: (email: string) => `The account ${email} is made.`,
  password: (password: string) => `Its password, which is shown this once: ${password}`,
  roleSet: (email: string, role: string) => `${email} is ${role} now.`,
  planSet: (email: string, plan: string) => `${email} has the plan ${plan} now.`,
  limitsSet: (email: string) => `The limits of ${email}:`,
  disabledNow: (email: string) =>
    `${email} is disabled: nobody can log in, its keys do not work, its runs end.`,
  enabledNow: (email: string) => `${email} is enabled again.`,
  removing: (email: string) => `${email} is being removed with everything it has.`,
  confirmDisable: (email: string) => `Disable ${email}? Its runs end. (y/n) `,
  confirmRemove: (email: string) =>
    `Remove ${email} with all sessions, runs and files? This cannot be taken back. Type the e-mail address: `,
  confirmAdmin: (email: string) =>
    `Make ${email} an admin? An admin may use this machine's tools and manage all accounts. (y/n) `,
  notDone: "Nothing was changed.",
  needsYes: "Nobody can be asked here: add --yes to do it.",
  today: "today",
  day: "day",
  requests: "runs",
  input: "input tokens",
  output: "output tokens",
  cost: "cost",
  left: (remaining: string, limit: string) => `${remaining} of ${limit} runs left today`,
  noLimit: "no limit of runs",
  resets: (time: string) => `; counted anew at ${time}`,
  olderServer: "This server does not know this command: it is older than this program.",
};

const zh: typeof en = {
  help: `npm run user -- <命令> [选项]

  list [文字]               所有账户，或邮箱、名字中含有某段文字的账户
  show <用户>               一个账户和它的限额
  create <邮箱>             创建账户；自动生成密码，只显示一次，除非从标准输入给出：
                            [--password-stdin] [--role <角色>] [--plan <套餐>]
  role <用户> <角色>        free_user、pro_user 或 admin
  plan <用户> <套餐>        free、pro、enterprise
  limits <用户>             显示用户的限额和套餐的限额
  limits <用户> <名称>=<数> 给用户不同于套餐的限额；<名称>=none 表示不限，
                            <名称>=plan 恢复套餐的值，reset 全部恢复
  disable <用户>            结束账户正在进行的工作，并禁止登录
  enable <用户>             重新启用
  remove <用户>             删除账户以及它的会话、运行和文件
  usage <用户> [--days <n>] 用量，1 到 90 天

  <用户> 可以是邮箱、id，或 id 的末尾几位。
  --yes, -y                 不询问就执行会造成破坏的操作
  --json                    供程序使用：服务器的回答；请用 npm run --silent user
  --help, -h                显示本说明

需要管理员的密钥：MACJARVIS_KEY，或本机所有者的密钥。
退出码：0 已完成，1 未完成，2 命令无法理解。
`,
  unknownCommand: (command) => `没有“${command}”这个命令。npm run user -- --help 列出所有命令。`,
  badOption: (fault) => `${fault}。npm run user -- --help 列出所有选项。`,
  optionElsewhere: (option, command) => `--${option} 不适用于“${command}”。`,
  missing: (command, what) => `“${command}”还需要${what}。用法见 npm run user -- --help。`,
  tooMany: (command, word) => `“${command}”不接受“${word}”。`,
  aUser: "一个用户：邮箱或 id",
  anEmail: "一个邮箱",
  aRole: "一个角色：free_user、pro_user 或 admin",
  aPlan: "一个套餐：free、pro 或 enterprise",
  badRole: (role) => `没有“${role}”这个角色：请用 free_user、pro_user 或 admin。`,
  badDays: (days) => `--days ${days}：请写 1 到 90 的整数。`,
  badLimit: (text) => `“${text}”不是限额：请写 <名称>=<数>、<名称>=none 或 <名称>=plan，或单独写 reset。`,
  badLimitName: (name, names) => `没有“${name}”这个限额：请用 ${names}。`,
  noSuchUser: (text) => `没有用户“${text}”。npm run user -- list 列出所有用户。`,
  severalUsers: (text, users) => `有多个用户符合“${text}”：${users}。请写完整的邮箱或 id。`,
  noUsers: "还没有账户。",
  noMatch: (text) => `没有邮箱或名字含“${text}”的账户。`,
  columns: { email: "邮箱", role: "角色", plan: "套餐", state: "状态", lastLogin: "上次登录", id: "id" },
  active: "正常",
  disabled: "已停用",
  never: "从未",
  name: "名字",
  created: "创建于",
  limits: "限额",
  ownLimit: "单独设置",
  unlimited: "不限",
  made: (email) => `已创建账户 ${email}。`,
  password: (password) => `它的密码（只显示这一次）：${password}`,
  roleSet: (email, role) => `${email} 现在是 ${role}。`,
  planSet: (email, plan) => `${email} 现在使用套餐 ${plan}。`,
  limitsSet: (email) => `${email} 的限额：`,
  disabledNow: (email) => `${email} 已停用：无法登录，密钥失效，正在进行的运行会结束。`,
  enabledNow: (email) => `${email} 已重新启用。`,
  removing: (email) => `正在删除 ${email} 以及它的一切。`,
  confirmDisable: (email) => `停用 ${email}？它正在进行的运行会结束。(y/n) `,
  confirmRemove: (email) => `删除 ${email} 以及所有会话、运行和文件？此操作无法撤销。请输入邮箱确认：`,
  confirmAdmin: (email) => `让 ${email} 成为管理员？管理员可以使用本机的工具并管理所有账户。(y/n) `,
  notDone: "没有作任何改动。",
  needsYes: "这里无法询问：加上 --yes 才会执行。",
  today: "今天",
  day: "日期",
  requests: "运行次数",
  input: "输入 token",
  output: "输出 token",
  cost: "费用",
  left: (remaining, limit) => `今天还剩 ${remaining} 次运行，共 ${limit} 次`,
  noLimit: "运行次数不限",
  resets: (time) => `；${time} 重新计数`,
  olderServer: "这个服务器不认识这个命令：它的版本比本程序旧。",
};

export const USER = { en, zh };
