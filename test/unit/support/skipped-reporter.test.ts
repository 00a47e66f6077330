// What CI relies on: a test that did not run is told, and without a reason it is a failure.
import { expect, jest, test } from "@jest/globals";
import SkippedReporter from "../../support/skipped-reporter.ts";

/** What the reporter makes of a file with these tests. */
function report(tests: [fullName: string, status: string][], settings = {}) {
  const said: string[] = [];
  const write = jest.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const reporter = new SkippedReporter(settings);
  const testResults = tests.map(([fullName, status]) => ({ fullName, status }));
  reporter.onTestResult({ path: "a.test.ts" }, { testResults });
  reporter.onRunComplete();
  write.mockRestore();
  return { said: said.join(""), failure: reporter.getLastError()?.message };
}

test("a skipped test is printed with the reason in its name, or in that of its group", () => {
  const name = "G1 a disk (skipped: there is no disk) is full";
  expect(report([[name, "pending"]])).toEqual({ said: `skipped: ${name}\n`, failure: undefined });
});

test.each(["pending", "todo", "skipped", "disabled"])(
  "a test that is %s without a reason fails the run",
  (status) => {
    const { said, failure } = report([
      ["runs", "passed"],
      ["does not", status],
    ]);
    expect(said).toContain("skipped without a reason: a.test.ts: does not\n");
    expect(failure).toContain("without a reason");
  },
);

test("whoever chooses tests by name is not told of all the others", () => {
  expect(report([["other", "pending"]], { testNamePattern: "one" })).toEqual({
    said: "",
    failure: undefined,
  });
});
