import type { RealmConfig } from '../../config/config.ts'
import type { RealmContext } from '../../core/context.ts'
import {
  type PendingDoor,
  type StateCounts,
  type SwitchingStatus,
  settledShare,
  switchingStatus,
} from '../../core/switching/status.ts'
import type { CliCommand } from '../cli-command.ts'
import { alignColumns, printResult } from '../terminal/print.ts'
import { readConfigFor, realmNamed, withCore } from '../with-core.ts'

const dayMs = 86_400_000

interface RealmStatus extends Omit<SwitchingStatus, 'doors'> {
  realm: string
  doors: DoorStatus[]
}

/** What of a door is to be known: accounts that wait for its old server, and until when that is asked. */
type DoorStatus = Pick<PendingDoor, 'dialect' | 'pending'> &
  Partial<PendingDoor> & {
    /** Whether it has an old server in the settings. */
    isConfigured: boolean
    verify?: string
    /** ISO 8601. */
    until?: string
  }

/** `switching status`: how many accounts still depend on the old server, and on its hashes. */
export function addStatusCommand(parent: CliCommand): void {
  parent
    .command('status')
    .description('count the accounts whose password is not kept as one of ours yet, and say who is left')
    .option('--realm <name>', 'only this population of accounts')
    .action(status)
}

async function status({ realm }: { realm?: string }, command: CliCommand): Promise<void> {
  const { realms: configured } = readConfigFor(command)
  await withCore(command, 'read', async (core) => {
    const realms = realm === undefined ? [...core.realms.values()] : [realmNamed(core, realm)]
    const found: RealmStatus[] = []
    for (const ctx of realms)
      found.push(
        await statusOf(
          ctx,
          configured.find(({ name }) => name === ctx.realm.name),
        ),
      )
    const { now } = command.outside
    printResult(
      command,
      { realms: found },
      found.flatMap((status) => linesOf(status, now())),
    )
  })
}

async function statusOf(ctx: RealmContext, config: RealmConfig | undefined): Promise<RealmStatus> {
  const { doors, ...counted } = await switchingStatus(ctx)
  const configured = Object.entries(config?.dialects ?? {}).filter(([, { switching }]) => switching)
  const names = new Set([...configured.map(([name]) => name), ...doors.map(({ dialect }) => dialect)])
  return {
    realm: ctx.realm.name,
    ...counted,
    doors: [...names].map((dialect) => {
      const switching = config?.dialects[dialect]?.switching
      const { verify, until } = switching ?? {}
      return {
        ...(doors.find((door) => door.dialect === dialect) ?? { dialect, pending: 0 }),
        isConfigured: switching !== undefined,
        verify,
        ...(until !== undefined && { until: new Date(until).toISOString() }),
      }
    }),
  }
}

function linesOf(status: RealmStatus, now: number): string[] {
  const { realm, all, seen, kinds, doors, disabled } = status
  const columns = [{ title: 'all', counts: all }, ...seen.map(asColumn)]
  const row = (name: string, cell: (counts: StateCounts) => string) => [
    `  ${name}`,
    ...columns.map(({ counts }) => cell(counts)),
  ]
  return [
    `realm ${realm}: ${number(all.accounts)} accounts${disabled > 0 ? `, and ${number(disabled)} that are disabled` : ''}`,
    ...alignColumns([
      ['', ...columns.map(({ title }) => title)],
      row('own', ({ own }) => number(own)),
      row('imported', ({ imported }) => number(imported)),
      row('pending', ({ pending }) => number(pending)),
      row('none', ({ none }) => number(none)),
      row('settled', (counts) => percent(settledShare(counts))),
    ]),
    ...kinds.map(({ kind, accounts }) => `  imported: ${number(accounts)} ${kind}`),
    ...doors.flatMap(doorLines(now)),
    '',
  ]
}

function asColumn({ days, counts }: SwitchingStatus['seen'][number]) {
  return { title: `seen in ${days} days`, counts }
}

function doorLines(now: number) {
  return (door: DoorStatus): string[] => {
    const { dialect, pending, isConfigured, verify, until } = door
    const setting = isConfigured
      ? `its old server is asked: ${verify}${until === undefined ? '' : `, until ${until}`}`
      : 'it has no old server in the settings, so none of them gets in'
    return [`  ${dialect}: ${number(pending)} pending; ${setting}`, ...forecastLines(door, now)]
  }
}

/** Who came lately comes again, and as many come as have come: no more is known. */
function forecastLines({ pending, seen, settled, until }: DoorStatus, now: number): string[] {
  if (!seen || !settled) return []
  const expected = seen.map(({ days, pending }) => `${number(pending)} in ${days} days`).join(', ')
  const late = pending - (seen.at(-1)?.pending ?? 0)
  const pace = settled.accounts / settled.days
  const came = `    ${number(settled.accounts)} have come in the last ${settled.days} days`
  return [
    `    expected to come: ${expected}; ${number(late)} were seen longer ago or never, and need a mail`,
    pace === 0 ? came : `${came}; at that pace ${paceText(pending, pace, until, now)}`,
  ]
}

function paceText(pending: number, perDay: number, until: string | undefined, now: number): string {
  if (until === undefined) return `the last of them come in ${number(Math.ceil(pending / perDay))} days`
  const days = Math.max(0, (Date.parse(until) - now) / dayMs)
  return `${number(Math.max(0, Math.round(pending - perDay * days)))} are left then`
}

function number(count: number): string {
  return count.toLocaleString('en')
}

function percent(share: number | undefined): string {
  // Rounded down, as 100 % is what one waits for.
  return share === undefined ? '-' : `${Math.floor(share * 1000) / 10} %`
}
