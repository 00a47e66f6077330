// Loaded before everything else (`node -r`): an older Node cannot even read our files, and without its packages every start ends
// in a stack. Plain JavaScript, so that any Node of these years gets as far as these words. Costs one look at a file.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const LEAST = 24;
const { node } = process.versions;
const isInstalled = fs.existsSync(path.join(__dirname, "..", "node_modules", "moleculer", "package.json"));
const isOld = Number(node.split(".")[0]) < LEAST;
const isChinese = /^zh(?![a-z])/i.test(
  process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "",
);

const english = {
  install: `MacJarvis is not installed yet. Run first: npm ci
(It brings Node ${LEAST} for this project, and leaves the Node of your system alone.)`,
  old: `MacJarvis needs Node ${LEAST}, and this is Node ${node}.
Run npm ci once more (it brings Node ${LEAST} for this project), and run commands through npm: npm start`,
};
const chinese = {
  install: `MacJarvis 还没有安装。请先运行：npm ci
（它也会为本项目安装 Node ${LEAST}，不影响系统里的 Node。）`,
  old: `MacJarvis 需要 Node ${LEAST}，而这里是 Node ${node}。
请再次运行 npm ci（它会为本项目安装 Node ${LEAST}），并通过 npm 运行命令：npm start`,
};

if (!isInstalled || isOld) {
  const words = isChinese ? chinese : english;
  process.stderr.write(`${isInstalled ? words.old : words.install}\n`);
  process.exit(1);
}
