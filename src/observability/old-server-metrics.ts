import { Gauge, type Registry } from 'prom-client'
import type { PasswordAnswer } from '../core/switching/upstream.ts'
import type { OldServerObserver } from '../upstream/old-server.ts'
import { counter, histogram, seconds } from './instruments.ts'

/** The door of one realm. */
interface Door {
  realm: string
  dialect: string
}

type State = ReturnType<Parameters<OldServerObserver['state']>[0]>

/** What the old servers are asked and how they stand, each by the door that it is of. */
export function oldServerMetrics(registry: Registry): (door: Door) => OldServerObserver {
  const labelNames = ['realm', 'dialect'] as const
  const count = counter(registry, {
    name: 'manydoors_old_server_asks_total',
    help: 'Passwords that an old server was to be asked for, by what came of it.',
    labelNames: [...labelNames, 'outcome'],
  })
  const time = histogram(registry, {
    name: 'manydoors_old_server_duration_seconds',
    help: 'How long old servers have taken over passwords, without the wait for a turn.',
    labelNames,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  const countSignOut = counter(registry, {
    name: 'manydoors_old_server_sign_outs_total',
    help: 'Sessions that right passwords have opened at an old server, by whether they were ended there.',
    labelNames: [...labelNames, 'outcome'],
  })
  const states = new Map<() => State, Door>()
  const gauge = (
    { name, help, aggregator }: { name: string; help: string; aggregator: 'max' | 'sum' },
    read: (state: State) => number,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      aggregator,
      collect() {
        for (const [state, door] of states) this.set({ ...door }, read(state()))
      },
    })
  gauge(
    {
      name: 'manydoors_old_server_resting',
      help: 'Whether an old server is left alone because it fails.',
      aggregator: 'max',
    },
    ({ breaker }) => (breaker === 'closed' ? 0 : 1),
  )
  gauge(
    {
      name: 'manydoors_old_server_running',
      help: 'Passwords that an old server is being asked for.',
      aggregator: 'sum',
    },
    ({ running }) => running,
  )
  gauge(
    {
      name: 'manydoors_old_server_waiting',
      help: 'Passwords that wait to be asked for.',
      aggregator: 'sum',
    },
    ({ waiting }) => waiting,
  )

  return ({ realm, dialect }) => ({
    answered: (answer, times) => {
      const outcome = outcomeOf(answer)
      count({ realm, dialect, outcome })
      if (isOfOldServer(outcome)) time({ realm, dialect }, seconds(times))
    },
    signedOut: (isDone) => countSignOut({ realm, dialect, outcome: isDone ? 'succeeded' : 'failed' }),
    state: (read) => void states.set(read, { realm, dialect }),
  })
}

function outcomeOf(answer: PasswordAnswer): string {
  return answer.outcome === 'failed' ? answer.why : answer.outcome
}

/** Whether the old server itself has taken that time: `busy` may be what we allow it. */
function isOfOldServer(outcome: string): boolean {
  return outcome !== 'busy' && outcome !== 'resting'
}
