// A process of its own that writes moments of two rows, n and -n, many at once, and prints the number of each that was
// acknowledged, until it is killed. Its log is folded into the database all the time.
import { setImmediate as turn } from "node:timers/promises";
import { Store } from "../../lib/embedded/store.ts";

const AT_ONCE = 16;
const [path = "", from = "0"] = process.argv.slice(2);
const store = new Store(path, { longLog: 256 * 1024 });
await store.write(() =>
  store.statement("CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, text TEXT)").run(),
);
const text = "x".repeat(1_000);
let last = Number(from);

const add = (n: number) =>
  store.write(() => store.statement("INSERT INTO log (n, text) VALUES (?, ?)").run(n, text));

async function writeOn(): Promise<never> {
  for (;;) {
    last += 1;
    const n = last;
    await store.run(async () => {
      await add(n);
      await turn();
      await add(-n);
    });
    process.stdout.write(`${n}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, writeOn));
