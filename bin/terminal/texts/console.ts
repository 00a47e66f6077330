// Texts of `npm run console`.

const en = {
  help: `npm run console

Prints a link that signs a browser in to the console of the running server. It works once, for ten minutes. Ask for another
whenever you need one.

It asks the server of MACJARVIS_URL with MACJARVIS_KEY, else the server of this machine (HOST, PORT, MACJARVIS_HOME) with its
owner's key. The key needs all scopes, and no end of its own: the link opens a login.
`,
  badOption: (fault: string) => `${fault}. npm run console -- --help tells what it takes.`,
  noArguments: (word: string) => `npm run console takes no "${word}".`,
  once: "Open it in a browser within ten minutes. It works once: give it to nobody.",
};

const zh: typeof en = {
  help: `npm run console

显示一个链接，让浏览器登录到正在运行的服务器的控制台。链接十分钟内有效，只能用一次，需要时可以再要一个。

它用 MACJARVIS_KEY 访问 MACJARVIS_URL 的服务器，否则用所有者的密钥访问本机的服务器（HOST、PORT、MACJARVIS_HOME）。
密钥要有全部权限，并且没有期限：链接会打开一个登录。
`,
  badOption: (fault) => `${fault}。npm run console -- --help 说明用法。`,
  noArguments: (word) => `npm run console 不接受“${word}”。`,
  once: "请在十分钟内用浏览器打开。只能用一次，不要给别人。",
};

export const CONSOLE = { en, zh };
