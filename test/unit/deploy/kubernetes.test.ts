// Each manifest against Kubernetes's own schemas (kubernetes-models), and what one names against the others: no tool of Kubernetes runs here.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import * as apps from "kubernetes-models/apps/v1";
import * as autoscaling from "kubernetes-models/autoscaling/v2";
import * as networking from "kubernetes-models/networking.k8s.io/v1";
import * as policy from "kubernetes-models/policy/v1";
import * as core from "kubernetes-models/v1";
import { SERVICES } from "../../../lib/env/cluster.ts";
import { documentsOf, ROOT } from "../../support/deploy-files.ts";

type Labels = Record<string, string>;
type Named = { name: string; valueFrom?: { configMapKeyRef?: { name: string; key: string } } };
type Probe = { httpGet: { path: string; port: string } };
type Container = {
  image: string;
  ports: { name: string; containerPort: number }[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  env: (Named & { value?: string })[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  resources: { limits: Labels; requests: Labels };
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
};
type PodSpec = {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: object;
  containers: [Container];
  volumes: { name: string; configMap?: { name: string } }[];
};
type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels };
  data?: Labels;
  spec: {
    replicas?: number;
    serviceName?: string;
    selector: { matchLabels: Labels } & Labels;
    template: { metadata: { labels: Labels }; spec: PodSpec };
    volumeClaimTemplates?: { metadata: { name: string } }[];
    ports: { port: number; name: string; targetPort: string }[];
    scaleTargetRef: { kind: string; name: string };
    podSelector: { matchLabels: Labels };
    tls: { secretName: string }[];
    rules: { http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] } }[];
  };
};
type Kustomization = {
  kind: string;
  resources: string[];
  patches?: { target: { kind: string; name: string } }[];
};

const PLACE = "deploy/kubernetes";
const [base] = documentsOf<Kustomization>(`${PLACE}/base/kustomization.yaml`);
const [small] = documentsOf<Kustomization>(`${PLACE}/small/kustomization.yaml`);
const manifests = (base?.resources ?? []).flatMap((name) => documentsOf<Manifest>(`${PLACE}/base/${name}`));
const expected = documentsOf<Manifest>(`${PLACE}/secrets.example.yaml`);
const of = (...kinds: string[]) => manifests.filter(({ kind }) => kinds.includes(kind));
const workloads = of("Deployment", "StatefulSet");
const podOf = ({ spec }: Manifest) => spec.template.spec;
const has = (kind: string, name: string) =>
  [...manifests, ...expected].some((one) => one.kind === kind && one.metadata.name === name);
const selects = (selector: Labels) =>
  workloads.filter(({ spec }) =>
    Object.entries(selector).every(([name, value]) => spec.template.metadata.labels[name] === value),
  );

const SCHEMAS: Record<string, object> = {
  v1: core,
  "apps/v1": apps,
  "autoscaling/v2": autoscaling,
  "networking.k8s.io/v1": networking,
  "policy/v1": policy,
};

/** @throws what the schema of its kind has against it */
function requireValid(manifest: Manifest): void {
  const kinds = SCHEMAS[manifest.apiVersion] as Record<string, new (data: Manifest) => { validate(): void }>;
  const Model = kinds[manifest.kind];
  if (!Model) throw new Error(`${manifest.apiVersion} has no ${manifest.kind}`);
  new Model(manifest).validate();
}

describe("deploy/kubernetes", () => {
  test.each(
    [...manifests, ...expected].map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const),
  )("%s %s is valid for its schema", (_kind, _name, manifest) => {
    requireValid(manifest);
  });

  test("a manifest with a word that its schema does not have is refused", () => {
    const wrong = structuredClone(workloads[0]) as Manifest;
    (wrong.spec as { replicas?: unknown }).replicas = "two";
    expect(() => requireValid(wrong)).toThrow(/replicas/);
  });

  test("the base has every file beside it, and the overlay changes only what the base has", () => {
    const files = readdirSync(join(ROOT, PLACE, "base")).filter((name) => name !== "kustomization.yaml");
    expect(base?.resources.toSorted()).toEqual(files.toSorted());
    expect(small?.resources).toEqual(["../base"]);
    for (const { target } of small?.patches ?? []) expect(has(target.kind, target.name)).toBe(true);
  });

  test("all services run, and the node once", () => {
    const run = workloads.flatMap((one) =>
      (podOf(one).containers[0].env.find(({ name }) => name === "SERVICES")?.value ?? "").split(","),
    );
    expect(run.toSorted()).toEqual([...SERVICES].toSorted());
    expect(workloads.find(({ metadata }) => metadata.name === "node")?.spec.replicas).toBe(1);
  });

  test("what has to outlive a pod is on a volume of its own: keys, the journal, and the files of the tools", () => {
    const claims = workloads.flatMap(({ metadata, spec }) =>
      (spec.volumeClaimTemplates ?? []).map((claim) => `${metadata.name} ${claim.metadata.name}`),
    );
    expect(claims.toSorted()).toEqual(["core data", "node data", "node workspace"]);
  });

  test("what selects pods selects those of one workload, or of all", () => {
    for (const { spec, metadata } of workloads) expect(spec.selector.matchLabels).toEqual(metadata.labels);
    for (const { spec } of workloads)
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
    for (const { spec } of of("Service")) expect(selects(spec.selector)).toHaveLength(1);
    for (const { spec } of of("PodDisruptionBudget"))
      expect(selects(spec.selector.matchLabels)).toHaveLength(1);
    for (const { spec } of of("NetworkPolicy"))
      expect([1, workloads.length]).toContain(selects(spec.podSelector.matchLabels).length);
    for (const { spec } of of("HorizontalPodAutoscaler"))
      expect(has(spec.scaleTargetRef.kind, spec.scaleTargetRef.name)).toBe(true);
    for (const { spec } of of("StatefulSet")) expect(has("Service", spec.serviceName ?? "")).toBe(true);
  });

  test("what is named is there: config maps, secrets, accounts, volumes, ports", () => {
    for (const workload of workloads) {
      const pod = podOf(workload);
      const [container] = pod.containers;
      expect(has("ServiceAccount", pod.serviceAccountName)).toBe(true);
      for (const { configMapRef, secretRef } of container.envFrom)
        expect(
          configMapRef ? has("ConfigMap", configMapRef.name) : has("Secret", secretRef?.name ?? ""),
        ).toBe(true);
      for (const { valueFrom } of container.env) {
        const { name = "macjarvis", key = "LOG_LEVEL" } = valueFrom?.configMapKeyRef ?? {};
        expect(of("ConfigMap").find(({ metadata }) => metadata.name === name)?.data).toHaveProperty(key);
      }
      const volumes = [
        ...pod.volumes,
        ...(workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata),
      ];
      expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(
        volumes.map(({ name }) => name).toSorted(),
      );
      for (const { configMap } of pod.volumes)
        if (configMap) expect(has("ConfigMap", configMap.name)).toBe(true);
      const ports = container.ports.map(({ name }) => name);
      for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
        expect(ports).toContain(probe.httpGet.port);
      for (const service of of("Service").filter(({ spec }) => selects(spec.selector)[0] === workload))
        for (const { targetPort } of service.spec.ports) expect(ports).toContain(targetPort);
    }
    for (const { spec } of of("Ingress")) {
      for (const { secretName } of spec.tls) expect(has("Secret", secretName)).toBe(true);
      for (const { backend } of spec.rules.flatMap(({ http }) => http.paths)) {
        const service = of("Service").find(({ metadata }) => metadata.name === backend.service.name);
        expect(service?.spec.ports.map(({ name }) => name)).toContain(backend.service.port.name);
      }
    }
  });

  test.each(workloads.map((workload) => [workload.metadata.name, podOf(workload)] as const))(
    "%s passes the restricted standard, has limits, no token, and time to drain",
    (_name, pod) => {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(pod.containers[0].resources.limits.memory).toBe("768Mi");
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30);
      // A store that is away is no reason to start again.
      expect(pod.containers[0].livenessProbe.httpGet.path).toBe("/health/live");
    },
  );
});
