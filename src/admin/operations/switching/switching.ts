import { z } from 'zod'
import { type ImportRun, listRuns } from '../../../core/imports/runs.ts'
import { type StateCounts, type SwitchingStatus, settledShare } from '../../../core/switching/status.ts'
import type { UpstreamHealth } from '../../../core/switching/upstream-health.ts'
import { defineOperation } from '../operation.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'
import { presentWork, WorkView } from '../work.ts'

const Counts = z.object({
  accounts: z.number(),
  own: z.number().describe('With a hash of our own'),
  imported: z.number().describe('With a hash of another system'),
  pending: z.number().describe('Without a hash: an old server knows the password'),
  none: z.number().describe('Without a password'),
  settledShare: z.number().nullable().describe('Of those with a password, how many have a hash of our own'),
})

const PendingView = z.object({
  door: z.string(),
  pending: z.number(),
  seen: z.array(z.object({ days: z.number(), pending: z.number() })),
  settled: z.object({ days: z.number(), accounts: z.number() }).describe('How many have come lately'),
})

const RunView = z.object({
  id: z.string(),
  source: z.string(),
  format: z.string(),
  files: z.array(z.string()),
  state: z.enum(['ended', 'not ended', 'undone']),
  read: z.number(),
  created: z.number(),
  filled: z.number(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  undoneAt: z.string().nullable(),
})

const OldServerView = z.object({
  door: z.string(),
  origin: z.string(),
  verify: z.enum(['off', 'pending', 'unknown']),
  until: z.string().nullable(),
  breaker: z.enum(['closed', 'open', 'trial']).describe('`open`: it fails, and is left alone'),
  running: z.number(),
  waiting: z.number(),
  outcomes: z.array(z.object({ outcome: z.string(), count: z.number() })),
  answeredAt: z.string().nullable(),
  lastFailure: z.object({ why: z.string(), at: z.string() }).nullable(),
})

const CountView = WorkView.extend({
  all: Counts.nullable().describe('Null before the first count; disabled accounts are not in it'),
  seen: z.array(Counts.extend({ days: z.number() })),
  disabled: z.number().nullable(),
  kinds: z.array(z.object({ kind: z.string(), accounts: z.number() })),
  doors: z.array(PendingView),
})

export const read = defineOperation({
  name: 'switching.read',
  summary:
    'Show how far a realm is on its way from older servers: imports, accounts that wait, and these servers',
  capability: 'switching.read',
  at: 'realm',
  method: 'GET',
  path: '/switching',
  input: z.object({}),
  output: z.object({ runs: z.array(RunView), accounts: CountView, oldServers: z.array(OldServerView) }),
  run: async ({ ctx, means }) => {
    const { accounts, oldServers } = means.switching(ctx.realm.name)
    const { work, result } = presentWork(accounts.state())
    const runs = await listRuns(ctx)
    return {
      runs: runs.toReversed().map(presentRun),
      accounts: { ...work, ...presentStatus(result) },
      oldServers: oldServers.map(presentOldServer),
    }
  },
})

export const count = defineOperation({
  name: 'switching.count',
  summary: 'Begin to count the accounts by how their passwords are kept, unless that is under way',
  capability: 'switching.read',
  at: 'realm',
  method: 'POST',
  path: '/switching/count',
  input: z.object({}),
  output: z.object({ isRunning: z.boolean() }),
  run: async ({ ctx, means }) => {
    means.switching(ctx.realm.name).accounts.start()
    return { isRunning: true }
  },
})

function presentStatus(status: SwitchingStatus | undefined) {
  if (!status) return { all: null, seen: [], disabled: null, kinds: [], doors: [] }
  return {
    all: presentCounts(status.all),
    seen: status.seen.map(({ days, counts }) => ({ days, ...presentCounts(counts) })),
    disabled: status.disabled,
    kinds: status.kinds,
    doors: status.doors.map(({ dialect, ...door }) => ({ door: dialect, ...door })),
  }
}

function presentCounts(counts: StateCounts): z.input<typeof Counts> {
  return { ...counts, settledShare: settledShare(counts) ?? null }
}

function presentRun(run: ImportRun): z.input<typeof RunView> {
  const { id, source, format, files, position, report, startedAt, finishedAt, undoneAt } = run
  const ended = finishedAt === undefined ? 'not ended' : 'ended'
  return {
    id,
    source,
    format,
    files: files.map(({ name }) => name),
    state: undoneAt === undefined ? ended : 'undone',
    read: position,
    created: report.created,
    filled: report.filled,
    startedAt: isoTime(startedAt),
    endedAt: isoTimeOrNull(finishedAt),
    undoneAt: isoTimeOrNull(undoneAt),
  }
}

function presentOldServer(server: UpstreamHealth): z.input<typeof OldServerView> {
  const { dialect, until, answeredAt, lastFailure, ...rest } = server
  return {
    ...rest,
    door: dialect,
    until: isoTimeOrNull(until),
    answeredAt: isoTimeOrNull(answeredAt),
    lastFailure: lastFailure ? { why: lastFailure.why, at: isoTime(lastFailure.at) } : null,
  }
}

export const switchingOperations = [read, count]
