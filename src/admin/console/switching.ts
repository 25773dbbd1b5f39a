import type { FastifyRequest } from 'fastify'
import type { App } from '../../http/types.ts'
import { count, read } from '../operations/switching/switching.ts'
import type { ConsoleParts } from './console-parts.ts'
import { numbersIn } from './health.ts'
import { realmPath } from './menu.ts'
import { type Texts, textsFor } from './texts.ts'
import { goOn, performFor, sendConsole, timeFor } from './visit.ts'

type Switching = Awaited<ReturnType<typeof read.run>>
type Accounts = Switching['accounts']
type Run = Switching['runs'][number]
type OldServer = Switching['oldServers'][number]

/** How far a realm is on its way from the servers that were here before. */
export function switchingPages(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/realms/:realm/switching', async (request, reply) => {
    const { runs, accounts, oldServers } = await performFor(request, read)
    const data = {
      runs: runs.map((run) => presentRun(request, run)),
      accounts: presentAccounts(request, accounts),
      oldServers: oldServers.map((server) => presentOldServer(request, server)),
      base: `${realmPath(request.visit.desk.ctx.realm.name)}/switching`,
    }
    return sendConsole(sendPage, { request, reply }, { template: 'switching', current: 'switching', data })
  })
  scope.post('/admin/realms/:realm/switching/count', async (request, reply) => {
    await performFor(request, count)
    return goOn(request, reply, `${realmPath(request.visit.desk.ctx.realm.name)}/switching`)
  })
}

function presentAccounts(request: FastifyRequest, accounts: Accounts) {
  const { all, seen, kinds, doors, disabled, isRunning, hasFailed, endedAt } = accounts
  const show = numbersIn(request)
  const texts = textsFor(request)
  const columns = all
    ? [{ title: texts.countAll, counts: all }, ...seen.map((part) => column(part, texts))]
    : []
  const rows = (['own', 'imported', 'pending', 'none', 'accounts'] as const).map((name) => ({
    text: texts[`count_${name}`],
    cells: columns.map(({ title, counts }) => ({ title, value: show(counts[name]) })),
  }))
  return {
    isRunning,
    hasFailed,
    ended: timeFor(request, endedAt),
    isCounted: all !== null,
    titles: columns.map(({ title }) => title),
    rows,
    // Rounded down, as 100 % is what one waits for.
    share: all?.settledShare == null ? undefined : `${show(Math.floor(all.settledShare * 1000) / 10, 1)} %`,
    disabled: show(disabled ?? 0),
    kinds: kinds.map(({ kind, accounts }) => ({ kind, accounts: show(accounts) })),
    doors: doors.map(({ door, pending, seen, settled }) => ({
      door,
      pending: show(pending),
      seen: seen.map(({ days, pending }) =>
        texts.seenInDays.replace('{count}', show(pending)).replace('{days}', `${days}`),
      ),
      settled: texts.settledInDays
        .replace('{count}', show(settled.accounts))
        .replace('{days}', `${settled.days}`),
    })),
  }
}

function column({ days, ...counts }: Accounts['seen'][number], texts: Texts) {
  return { title: texts.seenWithin.replace('{days}', `${days}`), counts }
}

function presentRun(request: FastifyRequest, run: Run) {
  const show = numbersIn(request)
  const texts = textsFor(request)
  const states = { ended: texts.runEnded, 'not ended': texts.runNotEnded, undone: texts.runUndone }
  return {
    ...run,
    stateText: states[run.state],
    read: show(run.read),
    created: show(run.created),
    filled: show(run.filled),
    started: timeFor(request, run.startedAt),
    ended: timeFor(request, run.endedAt),
  }
}

function presentOldServer(request: FastifyRequest, server: OldServer) {
  const show = numbersIn(request)
  const texts = textsFor(request)
  const { verify, breaker, outcomes, lastFailure } = server
  return {
    ...server,
    verifyText: texts[`verify_${verify}`],
    stateText: verify === 'off' ? texts.verify_off : texts[`breaker_${breaker}`],
    isWell: breaker === 'closed',
    outcomes: outcomes.map(({ outcome, count }) => `${outcomeText(outcome, texts)} ${show(count)}`),
    untilTime: timeFor(request, server.until),
    answered: timeFor(request, server.answeredAt),
    failure: lastFailure && { why: lastFailure.why, time: timeFor(request, lastFailure.at) },
  }
}

/** What came of a question; why there was no answer is told in the words of logs and metrics. */
function outcomeText(outcome: string, texts: Texts): string {
  if (outcome === 'right' || outcome === 'wrong' || outcome === 'busy') return texts[`outcome_${outcome}`]
  return outcome
}
