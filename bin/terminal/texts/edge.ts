// Texts of `npm run doctor -- nats init` and of `npm start -- --with-nats`: the nats-server on which Macs and the server meet.

const en = {
  help: `npm run doctor -- nats init [options]

Makes the keys of the edge, the bus on which Macs and the server meet, and nats-server.conf for it. Safe to repeat: keys that are
there stay, and in the configuration only what the options name is changed (the former one is kept beside it).

  --folder DIR        where; EDGE_KEYS unless said, which is edge in the data folder
  --listen HOST:PORT  where nats-server listens; 127.0.0.1:4223 unless said, which only Macs on this machine reach
  --tls-cert FILE     certificate and its key (PEM), without which nats-server listens on this machine only
  --tls-key FILE
  --websocket HOST:PORT
                      listens for WebSocket connections as well, for Macs that are let through to the web and nowhere else: on
                      127.0.0.1 in plain text, for a proxy on this machine that ends TLS, elsewhere with the certificate
  --public URL        where Macs find it from outside: tls://host:port or wss://host:port
  --core              carries the core's bus as well (JetStream, account CORE): NATS_CREDS is then core.creds
  --help, -h          this text

On a machine of your own npm start -- --with-nats does all of this and runs nats-server itself.
`,
  badOption: (fault: string) => `${fault}. npm run doctor -- nats --help lists the options.`,
  onlyInit: (word: string) =>
    `npm run doctor -- nats takes "init" and nothing else${word === "" ? "" : ` (it is "${word}")`}. npm run doctor -- nats --help lists the options.`,
  notListening: (option: string, text: string) =>
    `${option} must be HOST:PORT, e.g. 127.0.0.1:4223 or 0.0.0.0:4223 (it is "${text}").`,
  bothOfTls: (cert: string, key: string) => `${cert} and ${key} belong together: name both.`,
  cannotRead: (file: string) => `The file ${file} cannot be read.`,
  badPublic: (fault: string) => `--public: ${fault}.`,
  plain: (host: string, cert: string, key: string) =>
    `nats-server on ${host} would be reached in plain text. Give it a certificate with ${cert} and ${key}; only this machine (127.0.0.1) may be reached without.`,
  keysMade: (folder: string) => `The keys of the edge were made in ${folder} (mode 0700).`,
  keysKept: (folder: string) => `The keys of the edge in ${folder} stay as they are.`,
  configuration: {
    made: (path: string) => `The configuration of nats-server is ${path}.`,
    changed: (path: string) =>
      `The configuration of nats-server, ${path}, was changed; the former one is nats-server.conf.before.`,
    kept: (path: string) => `The configuration of nats-server, ${path}, stays as it is.`,
  },
  startIt: "1. Start nats-server, and see that it is kept running (launchd, systemd, docker):",
  setThem: "2. Set for the processes of MacJarvis that run tools or nodes, which one process alone does:",
  nameOfCertificate: "NAME-IN-THE-CERTIFICATE",
  whoNeedsWhat: (tools: string, nodes: string) =>
    `   Where they run on other machines, copy to the same folder there: for tools ${tools}; for nodes ${nodes}.`,
  takeAway: (files: string) =>
    `3. Take away ${files}, to a place that is no server: they are the root of trust, and nothing that runs reads them.`,
  takenAway: "3. The root of trust (operator.seed, operator.jwt) was taken away already, as it should be.",
  forCore: (path: string) => `   For the core on the same nats-server: NATS_CREDS=${path}`,
  thenDoctor: "4. npm run doctor looks whether all of it fits.",

  keysOpen: (paths: string) => `${paths} can be read by others`,
  keysFine: (folder: string) => `the keys in ${folder} are their owner's alone`,
  notRunning: "nats-server does not run now: npm start -- --with-nats runs it",
  awayFix: "start nats-server with the nats-server.conf of the keys, or correct EDGE_URL",
  serverFine: (version: string) => `nats-server ${version} lets the hub in`,
  smallPayload: (version: string, bytes: number) =>
    `nats-server ${version} takes messages of up to ${bytes} bytes only: large results of Macs are lost`,
  configurationFix: "start nats-server with the nats-server.conf that npm run doctor -- nats init has made",
  oldServer: (version: string) => `nats-server ${version} is older than what is meant for Macs from anywhere`,
  oldServerFix: (versions: string) => `update nats-server: ${versions}`,
  unknownAccount: "nats-server does not know the account of these keys: no Mac can come",
  otherClaims: "nats-server has other claims of the account than these keys sign",
  otherClaimsFix: "the nodes service pushes them when it starts; see in its log what keeps it from that",
  claimsFine: "nats-server has the claims that these keys sign",

  withNatsOnly: (option: string) => `${option} goes with --with-nats only.`,
  withNatsAndUrl: "EDGE_URL is set: there is a nats-server already. Unset it, or start without --with-nats.",
  withNatsInCluster:
    "--with-nats is for one process on its own. In a cluster all processes need the same nats-server: npm run doctor -- nats init makes its keys and configuration.",
  noNatsServer:
    "nats-server 2.10 or newer is needed for --with-nats, and is not in PATH. On macOS: brew install nats-server. On Debian and Ubuntu: apt install nats-server. Others: https://nats.io/download",
  portTaken: (address: string) =>
    `nats-server cannot listen on ${address}, which something else uses. Stop that, or name another with --nats-listen HOST:PORT.`,
  didNotStart: (words: string) => `nats-server did not start. It said last:\n${words}`,
  noName: (address: string) =>
    `nats-server listens on all addresses (${address}), and nobody has said by which name Macs find it: set EDGE_PUBLIC_URL=tls://host:port, with the name that is in the certificate.`,
};

const zh: typeof en = {
  help: `npm run doctor -- nats init [选项]

生成 edge 的密钥和 nats-server.conf。edge 是 Mac 与服务器会合的总线。可以重复执行：已有的密钥保持不变，
配置里只修改选项所指定的内容（原来的配置保留在旁边）。

  --folder DIR        目录；默认是 EDGE_KEYS，即数据目录里的 edge
  --listen HOST:PORT  nats-server 监听的地址；默认 127.0.0.1:4223，只有本机上的 Mac 程序能连接
  --tls-cert FILE     证书及其私钥（PEM）；没有它们，nats-server 只在本机监听
  --tls-key FILE
  --websocket HOST:PORT
                      同时监听 WebSocket 连接，供只能访问网页端口的 Mac 使用：在 127.0.0.1 上为明文（由本机的代理终结 TLS），
                      在其他地址上使用证书
  --public URL        Mac 从外部连接的地址：tls://host:port 或 wss://host:port
  --core              同时承载核心的总线（JetStream，账户 CORE）：此时 NATS_CREDS 为 core.creds
  --help, -h          显示本说明

在自己的机器上，npm start -- --with-nats 会完成这一切，并自己运行 nats-server。
`,
  badOption: (fault) => `${fault}。npm run doctor -- nats --help 列出所有选项。`,
  onlyInit: (word) =>
    `npm run doctor -- nats 只接受“init”${word === "" ? "" : `（现在是“${word}”）`}。npm run doctor -- nats --help 列出所有选项。`,
  notListening: (option, text) =>
    `${option} 必须是 HOST:PORT，例如 127.0.0.1:4223 或 0.0.0.0:4223（现在是“${text}”）。`,
  bothOfTls: (cert, key) => `${cert} 和 ${key} 必须同时给出。`,
  cannotRead: (file) => `无法读取文件 ${file}。`,
  badPublic: (fault) => `--public：${fault}。`,
  plain: (host, cert, key) =>
    `${host} 上的 nats-server 会以明文被访问。请用 ${cert} 和 ${key} 给它证书；只有本机（127.0.0.1）可以不用 TLS。`,
  keysMade: (folder) => `edge 的密钥已在 ${folder} 生成（权限 0700）。`,
  keysKept: (folder) => `${folder} 里 edge 的密钥保持不变。`,
  configuration: {
    made: (path) => `nats-server 的配置是 ${path}。`,
    changed: (path) => `nats-server 的配置 ${path} 已修改；原来的是 nats-server.conf.before。`,
    kept: (path) => `nats-server 的配置 ${path} 保持不变。`,
  },
  startIt: "1. 启动 nats-server，并让它保持运行（launchd、systemd、docker）：",
  setThem: "2. 为 MacJarvis 中运行 tools 或 nodes 的进程设置（单独一个进程时就是它自己）：",
  nameOfCertificate: "证书里的名字",
  whoNeedsWhat: (tools, nodes) =>
    `   如果它们在别的机器上运行，请复制到那里的同一目录：tools 需要 ${tools}；nodes 需要 ${nodes}。`,
  takeAway: (files) => `3. 请把 ${files} 移到不是服务器的地方：它们是信任的根，运行时没有任何程序读取。`,
  takenAway: "3. 信任的根（operator.seed、operator.jwt）已被移走，这样很好。",
  forCore: (path) => `   核心使用同一个 nats-server 时：NATS_CREDS=${path}`,
  thenDoctor: "4. npm run doctor 检查一切是否相符。",

  keysOpen: (paths) => `${paths} 可以被其他用户读取`,
  keysFine: (folder) => `${folder} 里的密钥只有其所有者能读取`,
  notRunning: "nats-server 现在没有运行：npm start -- --with-nats 会运行它",
  awayFix: "请用密钥目录里的 nats-server.conf 启动 nats-server，或改正 EDGE_URL",
  serverFine: (version) => `nats-server ${version} 接受 hub 连接`,
  smallPayload: (version, bytes) =>
    `nats-server ${version} 只接受不超过 ${bytes} 字节的消息：Mac 的较大结果会丢失`,
  configurationFix: "请用 npm run doctor -- nats init 生成的 nats-server.conf 启动 nats-server",
  oldServer: (version) => `nats-server ${version} 比供任意地点的 Mac 使用的版本旧`,
  oldServerFix: (versions) => `请更新 nats-server：${versions.replace(" or newer", " 或更新")}`,
  unknownAccount: "nats-server 不认识这些密钥的账户：没有 Mac 能连接",
  otherClaims: "nats-server 里该账户的声明与这些密钥签署的不同",
  otherClaimsFix: "nodes 服务启动时会推送它们；请在它的日志里查看是什么阻碍了它",
  claimsFine: "nats-server 里的声明与这些密钥签署的一致",

  withNatsOnly: (option) => `${option} 只能与 --with-nats 一起使用。`,
  withNatsAndUrl: "已设置 EDGE_URL：已经有 nats-server 了。请取消它，或不用 --with-nats 启动。",
  withNatsInCluster:
    "--with-nats 用于单独的一个进程。集群里所有进程需要同一个 nats-server：npm run doctor -- nats init 生成它的密钥和配置。",
  noNatsServer:
    "--with-nats 需要 nats-server 2.10 或更新版本，而 PATH 里没有。macOS：brew install nats-server。Debian 和 Ubuntu：apt install nats-server。其他系统：https://nats.io/download",
  portTaken: (address) =>
    `nats-server 无法监听 ${address}，它已被别的程序占用。请停止那个程序，或用 --nats-listen HOST:PORT 指定别的地址。`,
  didNotStart: (words) => `nats-server 未能启动。它最后说：\n${words}`,
  noName: (address) =>
    `nats-server 在所有地址上监听（${address}），但没有说明 Mac 用哪个名字找到它：请设置 EDGE_PUBLIC_URL=tls://host:port，使用证书里的名字。`,
};

export const EDGE = { en, zh };
