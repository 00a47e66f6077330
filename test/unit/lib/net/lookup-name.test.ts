import { expect, test } from "@jest/globals";
import { fewAtOnce } from "../../../../lib/net/lookup-name.ts";

test("only a few names are asked at once, the others in their order, also after failures", async () => {
  const asked: string[] = [];
  const answer = new Map<string, (failed: boolean) => void>();
  const lookup = fewAtOnce((name) => {
    asked.push(name);
    return new Promise((resolve, reject) => {
      answer.set(name, (failed) =>
        failed ? reject(new Error(name)) : resolve([{ address: name, family: 4 }]),
      );
    });
  }, 2);
  const answers = ["a", "b", "c", "d"].map((name) => lookup(name).catch((error: Error) => error.message));
  expect(asked).toEqual(["a", "b"]);
  answer.get("b")?.(true);
  expect(await answers[1]).toBe("b");
  expect(asked).toEqual(["a", "b", "c"]);
  answer.get("a")?.(false);
  await answers[0];
  expect(asked).toEqual(["a", "b", "c", "d"]);
  answer.get("c")?.(false);
  answer.get("d")?.(false);
  expect(await answers[3]).toEqual([{ address: "d", family: 4 }]);
  void lookup("e");
  expect(asked.at(-1)).toBe("e");
});
