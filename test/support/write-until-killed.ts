// A process of its own that writes rows, many at once, and prints the number of each that was acknowledged, until it is killed.
// Its log is folded into the database all the time.
import { Store } from "../../lib/embedded/store.ts";

const AT_ONCE = 16;
const [path = "", from = "0"] = process.argv.slice(2);
const store = new Store(path, { longLog: 256 * 1024 });
await store.write(() =>
  store.statement("CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, text TEXT)").run(),
);
const text = "x".repeat(1_000);
let last = Number(from);

async function writeOn(): Promise<never> {
  for (;;) {
    last += 1;
    const n = last;
    await store.write(() => store.statement("INSERT INTO log (n, text) VALUES (?, ?)").run(n, text));
    process.stdout.write(`${n}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, writeOn));
