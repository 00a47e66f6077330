// What is left of a command line before a model sees it.
import { describe, expect, test } from "@jest/globals";
import { maskSecrets, shownCommand } from "../../../../lib/system/mask-secrets.ts";
import { KEY_PREFIX, REFRESH_PREFIX } from "../../../../services/users/tokens/secrets.ts";

const SECRET = "hunter2horse";

describe("command lines of other processes", () => {
  test.each([
    `--password ${SECRET}`,
    `--password=${SECRET}`,
    `--db-password ${SECRET}`,
    `-token ${SECRET}`,
    `--api-key="${SECRET} more"`,
    `API_KEY=${SECRET}`,
    `secret: ${SECRET}`,
    `{"access_token":"${SECRET}"}`,
    `Authorization: Bearer ${SECRET}`,
    `https://user:${SECRET}@host/path`,
    `https://${SECRET}@host/path`,
    `sk-${SECRET}${SECRET}`,
    `ghp_${SECRET}`,
    `-u user:${SECRET}`,
    `--user 'user:${SECRET}'`,
    `Bearer ${SECRET}`,
    `mysql -u root -p${SECRET}`,
    `sshpass -p ${SECRET} ssh host`,
    `docker login -u me -p ${SECRET}`,
    `redis-cli -h host -a ${SECRET}`,
    `openssl enc -k ${SECRET}`,
    `curl -s -b "sid=${SECRET}"`,
    `aws configure set aws_secret_access_key ${SECRET}`,
    `PASS=$(echo ${SECRET})`,
    `https://host/?a=1&sig=${SECRET}`,
    `{\\"password\\":\\"${SECRET}\\"}`,
    `https://user:p@${SECRET}@host/path`,
    `Cookie: a=b;c=${SECRET}`,
    `eyJhbGciOiJI.${SECRET}.${SECRET}`,
    `-----BEGIN PRIVATE KEY----- ${SECRET} -----END PRIVATE KEY-----`,
    `https://host/?X-Amz-Signature=${SECRET}`,
    `hf_${SECRET}`,
    `${KEY_PREFIX}${SECRET}`,
    `${REFRESH_PREFIX}${SECRET}`,
    `Authorization: token ${SECRET}`,
    `curl -H 'Authorization: Digest username="me", realm="r", response="${SECRET}"'`,
    `curl -H "Authorization: ApiKey ${SECRET} and more"`,
    `-H 'Proxy-Authorization: Negotiate ${SECRET}'`,
    `Authorization: AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=a;b, Signature=${SECRET}`,
    `Cookie: first=1; second=${SECRET}`,
    `-H 'Cookie: first=1; second=${SECRET}; third=3'`,
    `Set-Cookie: sid=${SECRET}; Path=/; HttpOnly`,
    `-H "X-Auth-Token: two words ${SECRET}"`,
    `mysqldump -u root -p${SECRET} db`,
    `mariadb-dump -p${SECRET}`,
    `mysqladmin -h x -p'my ${SECRET}' status`,
    `mongodump --host h -p ${SECRET}`,
    `7z x -p${SECRET} a.7z`,
    `unzip -P ${SECRET} a.zip`,
    `sqlcmd -S host -P ${SECRET}`,
    `ldapsearch -x -w ${SECRET}`,
    `smbclient //host/share -U me%${SECRET}`,
    `vault login ${SECRET}`,
    `machine host login me password ${SECRET}`,
    `machine host\n  login me\n  password ${SECRET}`,
    `machine host password ${SECRET}`,
    `db.host:5432:app:me:${SECRET}`,
    `PGPASSWORD=${SECRET} psql`,
    `PGPASSWORD='my ${SECRET}' psql`,
    `MYSQL_PWD=${SECRET}`,
    `curl -u "user:my ${SECRET}"`,
    `curl -uuser:${SECRET}`,
    `curl --proxy-user user:${SECRET}`,
    `http -a user:${SECRET}`,
    `{"auth":{"apiKey": "my ${SECRET}"}}`,
    `{\\"clientSecret\\": \\"my ${SECRET}\\"}`,
    `--password "quo\\"ted ${SECRET}"`,
    `echo ${SECRET} | sudo -S true`,
    `echo 'my ${SECRET}' | docker login --password-stdin`,
    `printf ${SECRET} | gpg --passphrase-fd 0`,
    `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${SECRET}\n-----END PGP PRIVATE KEY BLOCK-----`,
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}`.concat("\n-----END OPENSSH PRIVATE KEY-----"),
    `me:$apr1$${SECRET}`,
    `sk-ant-api03-${SECRET}`,
    `sk_live_${SECRET}`,
    `xoxb-1234-${SECRET}`,
    `xapp-1-${SECRET}`,
    `gsk_${SECRET}`,
    `glpat-${SECRET}`,
    `SG.${SECRET}.${SECRET}`,
    `hvs.${SECRET}`,
    `https://hooks.slack.com/services/T1/B2/${SECRET}`,
    `1234567890:${SECRET}${SECRET}${"x".repeat(11)}`,
    `mongodb+srv://me:${SECRET}@cluster/db`,
  ])("G21 masks the value in %s", (text) => {
    expect(maskSecrets(`program ${text} end`)).not.toContain(SECRET);
    expect(maskSecrets(`program ${text} end`)).toMatch(/^program [\s\S]*\*\*\*[\s\S]* end$/);
  });

  test.each([
    "/Applications/Monkey Business.app/Contents/MacOS/Keyboard Tool",
    "/usr/sbin/sshd",
    "[kworker/0:1]",
    "skeleton-of-a-program npm-install-peerdeps",
    "tar -xzf a.tar.gz -C /srv && ls -la | sort -k 2",
    "git log --author=ada --since 2026-01-01T10:20:30",
    "docker run -p 8080:80 nginx; ssh -p 22 host",
    "echo hello | tee file; mkdir -p a/b/c",
    "python3 -m http.server 8000 --bind 127.0.0.1",
    "Please reset my password when the machine room is cold",
    "zip -r a.zip folder; unzip -l a.zip",
  ])("leaves the harmless text %s", (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  test.each([
    ["arguments", ["/usr/bin/mysql", `-p${SECRET}`], "/usr/bin/mysql"],
    ["arguments without a name", ["sshpass", SECRET], "sshpass"],
    ["what an interpreter is told to run", ["bash", "-c", `echo ${SECRET}`], "bash"],
    ["arguments of a script", ["/usr/bin/node", "server.ts", SECRET], "/usr/bin/node server.ts"],
    ["a first argument that is no script", ["python3", SECRET], "python3"],
    ["arguments written into the program's name", [`worker ${SECRET}`], "worker"],
  ])("G21 leaves out %s", (_what, argv, shown) => {
    expect(shownCommand(argv)).toBe(shown);
  });

  test("is bounded", () => {
    expect(shownCommand(["x".repeat(10_000)])).toHaveLength(200);
  });
});
