// Every query of the dashboard and of the alerts.
import { documentsOf, textOf } from "./deploy-files.ts";

export type Alert = {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
};
type Rules = { groups: { rules: Alert[] }[] };
type Dashboard = { panels: { title: string; datasource: { uid: string }; targets: { expr: string }[] }[] };

export const alerts = (): Alert[] =>
  documentsOf<Rules>("deploy/alerts/macjarvis.yml").flatMap(({ groups }) =>
    groups.flatMap(({ rules }) => rules),
  );

export const dashboard = (): Dashboard => JSON.parse(textOf("deploy/grafana/macjarvis.json")) as Dashboard;

export function deployedQueries(): string[] {
  const shown = dashboard().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  return [...shown, ...alerts().map(({ expr }) => expr)];
}
