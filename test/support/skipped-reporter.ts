// Prints every test that was skipped with its reason (unless.ts), and fails the run when one has none. Whoever chooses tests by
// their name skips all others; that says nothing.
const REASON = /\(skipped: .+\)/;

/** What of jest's results is looked at. */
type FileResult = { testResults: { fullName: string; status: string }[] };

export default class SkippedReporter {
  readonly #isChosen: boolean;
  readonly #unexplained: string[] = [];

  constructor({ testNamePattern }: { testNamePattern?: string }) {
    this.#isChosen = Boolean(testNamePattern);
  }

  onTestResult({ path }: { path: string }, { testResults }: FileResult): void {
    if (this.#isChosen) return;
    for (const { fullName, status } of testResults) {
      if (status === "passed" || status === "failed") continue;
      if (!REASON.test(fullName)) this.#unexplained.push(`${path}: ${fullName}`);
      process.stderr.write(`skipped: ${fullName}\n`);
    }
  }

  onRunComplete(): void {
    for (const test of this.#unexplained) process.stderr.write(`skipped without a reason: ${test}\n`);
  }

  /** Jest's way to have a run fail whose tests have not. */
  getLastError(): Error | undefined {
    return this.#unexplained.length > 0 ? new Error("tests were skipped without a reason") : undefined;
  }
}
