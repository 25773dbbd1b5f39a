import type { RealmConfig } from '../config/config.ts'
import { startSweep } from '../delivery/jobs/ended-sessions.ts'
import { jobHandlers } from '../delivery/jobs/handlers.ts'
import { observedTransports } from '../delivery/jobs/observed.ts'
import { startWebhookSweep } from '../delivery/jobs/webhook-sweep.ts'
import { startWorker, type Worker } from '../delivery/jobs/worker.ts'
import { jobQueue } from '../store/tables/jobs.ts'
import { realmsToTell } from '../store/tables/openid/untold-ends.ts'
import { realmsToRelease } from '../store/tables/webhooks/deliveries.ts'
import { realmsWithEvents } from '../store/tables/webhooks/events.ts'
import type { Core } from './core.ts'
import type { StartParts } from './start-parts.ts'
import { type Outward, transportsOf } from './transports.ts'

/** Starts the worker that sends what the core has queued, and what queues the ends of sessions. */
export function startDelivery(
  { config, now, log, templates, observation, mailboxes }: StartParts,
  core: Core,
  outward: Outward,
): Worker {
  const observer = observation.observers.delivery
  const handlersOf = (realm: RealmConfig) =>
    jobHandlers({
      ...observedTransports(transportsOf(realm, outward, mailboxes.get(realm.name)), observer),
      render: templates.messages,
      smsPrefixes: config.smsPrefixes,
      onWebhook: (seen) => observer.message('webhook', seen),
    })
  const contexts = new Map([...core.realms, [core.operators.realm.name, core.operators]])
  const worker = startWorker({
    observer,
    queue: jobQueue(core.db),
    contexts,
    handlers: new Map([...config.realms, config.operators].map((realm) => [realm.name, handlersOf(realm)])),
    now,
    log,
  })
  const sweep = startSweep({
    contexts: core.realms,
    realmsToTell: (realms) => realmsToTell(core.db, realms),
    log,
  })
  const events = startWebhookSweep({
    contexts: core.realms,
    realmsWithEvents: (realms) => realmsWithEvents(core.db, realms),
    realmsToRelease: (realms) => realmsToRelease(core.db, realms),
    log,
  })
  const parts = [sweep, events, worker]
  return {
    wake: () => {
      for (const part of parts) part.wake()
    },
    stop: async () => {
      for (const part of parts) await part.stop()
    },
  }
}
