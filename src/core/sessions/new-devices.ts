import { networkBlock } from '../../lib/ip.ts'
import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { SeenSession } from '../../store/tables/sessions/seen.ts'
import { notifyOwner } from '../accounts/notify-owner.ts'
import { withOwnNames } from '../accounts/proven-names.ts'
import type { Context, Device } from '../context.ts'
import type { Proof } from './proof-of-person.ts'

/** How many of an account's newest sessions show where and on what it is used. */
const rememberedSessions = 100
const dayMs = 24 * 60 * 60_000
/** In a day and of one account, so that whoever has a password cannot flood the owner's mailbox. */
const maxToldPerDay = 5

/** A mail of its own says of these when and where they were, or nobody has signed in. */
const toldOtherwise: Proof['first'][] = ['sign_up', 'password_reset', 'old_token']

/**
 * Mails the owner of an account that was signed in to on a device, or from a network, that none of its sessions before has
 * shown: once a day for each device, five times in all. Nobody is told of the first session. Part of a transaction that
 * holds the account's row.
 */
export async function noteNewDevice(
  ctx: Context,
  account: AccountRow,
  { id, ip, device, created_at }: SessionRow,
  first: Proof['first'],
): Promise<void> {
  // Whoever reads the mails at an address that is not the account's own does not learn when it is used.
  if (ip === null || toldOtherwise.includes(first) || withOwnNames(account).email === null) return
  const { before, ips } = await ctx.store.sessions.seenBefore(
    { id, account_id: account.id },
    rememberedSessions,
  )
  // Most people come from where they came from before, and nobody waits for the rest then.
  if (before.some((session) => session.ip === ip && session.device === device)) return
  const begun = { ip, device, created_at }
  if (toldOf([...before, begun], ips).includes(begun)) await notifyOwner(ctx, account.id, 'new-device')
}

/**
 * Whether a request comes from a device or a network that none of the sessions of an account has shown; not before the
 * first of them.
 */
export async function isOnNewDevice({ store, origin, now }: Context, accountId: string): Promise<boolean> {
  const { before, ips } = await store.sessions.seenBefore(
    { id: '', account_id: accountId },
    rememberedSessions,
  )
  const device = origin.device ? JSON.stringify(origin.device) : null
  const here: SeenSession = { ip: origin.ip, device, created_at: now() }
  return newOf([...before, here], ips).includes(here)
}

/** Of which of these sessions, oldest first, the owner is told; `ips` were known before all of them. */
function toldOf(sessions: SeenSession[], ips: string[]): SeenSession[] {
  const told: SeenSession[] = []
  for (const session of newOf(sessions, ips)) if (mayTell(told, session)) told.push(session)
  return told
}

/** Which of these sessions, oldest first, have shown a device or a network that was not known before them. */
function newOf(sessions: SeenSession[], ips: string[]): SeenSession[] {
  const devices = new Set<string>()
  const networks = new Set(ips.map(networkBlock))
  const found: SeenSession[] = []
  for (const session of sessions) {
    const device = deviceName(session)
    const network = networkBlock(session.ip)
    // What says nothing of itself may be the server of an app, whose network says nothing of the person.
    const isElsewhere = device.trim() !== '' && !networks.has(network)
    const isNew = devices.size > 0 && (!devices.has(device) || isElsewhere)
    if (isNew) found.push(session)
    devices.add(device)
    networks.add(network)
  }
  return found
}

function mayTell(told: SeenSession[], session: SeenSession): boolean {
  const lately = told.filter(({ created_at: at }) => session.created_at - at < dayMs)
  const device = deviceName(session)
  return lately.length < maxToldPerDay && !lately.some((other) => deviceName(other) === device)
}

/** What a device is told from another by. Its versions change by themselves, and one that says nothing is one, too. */
function deviceName({ device }: SeenSession): string {
  const { browser, os, platform }: Device = device === null ? {} : JSON.parse(device)
  return [browser, os, platform].join('\n')
}
