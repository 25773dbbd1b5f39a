import type pino from 'pino'
import type { Config } from '../config/config.ts'
import type { Log } from '../core/log.ts'
import { createMailbox, type Mailbox } from '../delivery/mailbox.ts'
import { dialects } from '../dialects/registry.ts'
import type { AppOptions } from '../http/app.ts'
import type { Dialect } from '../http/dialect.ts'
import { type Observation, openObservation } from '../observability/observation.ts'
import type { Publish } from '../observability/publish.ts'
import type { CoreParts } from './core.ts'
import { createLog } from './log.ts'
import { openAllTemplates } from './open-templates.ts'

/** What may take the place of a default, in tests above all. */
export interface Overrides
  extends Partial<Pick<CoreParts, 'now' | 'cores' | 'argon2' | 'counts' | 'stopping'>> {
  /** How long a client may take to send its request. */
  requestTimeoutMs?: number
  /** How many processes serve on this machine, with what this one serves. */
  processes?: number
  /** One of several processes on this machine that is not the first: the console is not here. */
  isNotFirst?: boolean
  /** How metrics are made available, instead of on a port of their own. */
  publish?: Publish
  /** Where development keeps the messages of the realm of that name. */
  mailboxOf?: (realm: string) => Mailbox
  /** Where log lines go instead of standard output. */
  logStream?: pino.DestinationStream
  /** Takes no connections before it can serve, as one of several that share a port: the others can. */
  listensWhenReady?: boolean
}

/** What a server takes from the machine that it runs on. */
export interface Machine {
  /** Epoch milliseconds. */
  now(): number
  env: NodeJS.ProcessEnv
  network: typeof fetch
  pid: number
  /** Its resident memory, in bytes. */
  rss(): number
}

/** What every step of a start works with. */
export interface StartParts {
  config: Config
  overrides: Overrides
  machine: Machine
  now(): number
  log: Log
  timeouts: Pick<AppOptions, 'requestTimeoutMs' | 'keepAliveTimeoutMs'>
  templates: Awaited<ReturnType<typeof openAllTemplates>>
  observation: Observation
  /** Where the messages of each realm go in development. */
  mailboxes: ReadonlyMap<string, Mailbox>
}

/** Opens what a start needs before the core. Throws when templates or the configuration cannot be used. */
export async function openParts(config: Config, overrides: Overrides, machine: Machine): Promise<StartParts> {
  const { requestTimeoutMs, now = machine.now, mailboxOf = () => createMailbox(now) } = overrides
  const timeouts = { requestTimeoutMs, keepAliveTimeoutMs: config.keepAliveSeconds * 1000 }
  // The log is needed to open what its lines take the trace from.
  let observation: Observation | undefined
  const log = createLog(config, overrides.logStream, { now, here: () => observation?.here() ?? {} })
  const templates = await openAllTemplates(config)
  observation = await openObservation(config, { log, now })
  const realms = config.mode === 'development' ? config.realms : []
  const mailboxes = new Map(realms.map(({ name }) => [name, mailboxOf(name)]))
  // Nobody looks into one of their own.
  const [first] = mailboxes.values()
  if (first) mailboxes.set(config.operators.name, first)
  return { config, overrides, machine, now, log, timeouts, templates, observation, mailboxes }
}

/** Every dialect of which a realm may have a door: ours, and those that are loaded from outside. */
export function dialectsOf({ loadedDialects }: Config): Dialect[] {
  return [...dialects, ...loadedDialects]
}
