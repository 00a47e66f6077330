// Moleculer middleware: a service is stopped only when its start has come to an end. `broker.start()` fails with the first service
// that does, while others are still about to open what their `stopped` has to close.
import type { Middleware, Service } from "moleculer";

export function settledStarts(): Middleware {
  const starts = new Map<Service, Promise<void>>();
  return {
    name: "SettledStarts",
    serviceCreated(service: Service) {
      const start = service._start.bind(service);
      service._start = () => {
        const started = start();
        starts.set(service, started);
        return started;
      };
    },
    async serviceStopping(service: Service) {
      await starts.get(service)?.catch(() => undefined);
    },
  };
}
