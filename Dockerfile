# One image for every process of MacJarvis: alone, or with SERVICES=… and the addresses of a cluster (docs/operations.md).
# The base is pinned by its version, which is package.json's; pin its digest, too, once you have pulled it:
#   docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… -t macjarvis .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script here: that of `node` brings the Node that the base has already, and ours sets up a checkout.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
# bubblewrap is the sandbox of tools; tini is process 1, passes signals on and buries what tools leave.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap ca-certificates tini \
  && rm -rf /var/lib/apt/lists/*
# Beyond loopback, so that other containers reach it. Written to are /data, /workspace (what tools may touch) and /tmp, nothing else.
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=3000 \
  METRICS_PORT=9464 \
  LOG_FORMAT=json \
  MACJARVIS_HOME=/data/macjarvis \
  TOOL_ROOTS=/workspace
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY . .
# The console is bundled once, here.
RUN node bin/after-install.ts
# The user `node` of the base, as a number, so that Kubernetes sees that it is not root.
RUN install -d -o 1000 -g 1000 -m 0700 /data /workspace
USER 1000:1000
VOLUME ["/data", "/workspace"]
EXPOSE 3000 9464
# A drain takes up to 20 s: give it 30 (docker stop -t 30, stop_grace_period, terminationGracePeriodSeconds).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "--max-semi-space-size=8", "-r", "./bin/check-install.cjs", "-r", "./bin/start/take-code-cache.cjs", "bin/start.ts"]
