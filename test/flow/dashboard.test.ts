// The dashboard and the alerts ask for what processes of ours really show.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { textOf } from "../support/deploy-files.ts";
import { alerts, dashboard, deployedQueries } from "../support/deploy-queries.ts";
import { missingOn } from "../support/promql.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let url: string;
beforeAll(async () => {
  stack = await startStack({ METRICS_PORT: "0" });
  const said = () => /"metrics":"([^"]+)"/.exec(stack.server.output());
  [, url = ""] = await waitFor("the address of the metrics is said", said);
});
afterAll(() => stack.stop());

const page = async () => (await fetch(url)).text();

describe("the dashboard and the alerts", () => {
  test("name only metrics and labels that a running server shows; those of stores are a cluster's", async () => {
    const user = await register(stack.server.url);
    const args = { path: join(stack.workspace, "asked.txt"), content: "x", create_if_missing: true };
    const events = await user.chat(
      { message: `call:append_file ${JSON.stringify(args)}` },
      { until: ({ event }) => event === "approval_required" },
    );
    const [run, call] = [events[0]?.data.run_id, events.at(-1)?.data.call_id];
    await user.call("POST", `/agent/runs/${run}/approvals/${call}`, { decision: "approve" });
    await user.events(String(run));
    await waitFor("everything is counted", async () => {
      const missing = missingOn(await page(), deployedQueries());
      return missing.every((name) => /^macjarvis_(redis|store)_/.test(name)) && missing.length > 1;
    });
  });

  test("a metric and a label that nobody shows are found", async () => {
    const queries = ["sum by (planet) (rate(macjarvis_runs_total[5m])) > 1", "macjarvis_moons"];
    expect(missingOn(await page(), queries)).toEqual(["macjarvis_moons", "macjarvis_runs_total{planet}"]);
  });

  test("every panel asks the provisioned source, and every alert says what to do and where that is explained", () => {
    const source = /uid: (\w+)/.exec(textOf("deploy/grafana/provisioning/datasources/prometheus.yml"))?.[1];
    for (const panel of dashboard().panels) expect(panel.datasource.uid).toBe(source);
    const explained = textOf("docs/operations.md");
    for (const { alert, labels, annotations } of alerts()) {
      expect(annotations.runbook).toBe(`docs/operations.md#alert-${alert.toLowerCase()}`);
      expect(explained).toContain(`<a id="alert-${alert.toLowerCase()}"></a>`);
      expect(["critical", "warning"]).toContain(labels.severity);
      expect(annotations.description.length).toBeGreaterThan(40);
    }
  });
});
