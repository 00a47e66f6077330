// A process of its own that writes rows and prints the number of each that was acknowledged, until it is killed.
import { Store } from "../../lib/embedded/store.ts";

const store = new Store(process.argv[2] ?? "");
await store.write(() => store.statement("CREATE TABLE log (n INTEGER PRIMARY KEY)").run());
for (let n = 1; ; n += 1) {
  await store.write(() => store.statement("INSERT INTO log (n) VALUES (?)").run(n));
  process.stdout.write(`${n}\n`);
}
