import type { z } from 'zod'
import type { list } from '../../admin/operations/keys/keys.ts'
import type { ListedKey } from '../../core/keys/key-rotation.ts'
import { type MasterKeyUse, sealedTexts } from '../../core/keys/master-key-use.ts'
import { alignColumns } from '../terminal/print.ts'

/** A signing key as it is shown; times in epoch milliseconds. */
export interface ShownKey {
  id: string
  algorithm: string
  state: ListedKey['state']
  createdAt: number | null
  activatedAt: number | null
  retiredAt: number | null
}

export function presentKey({ key, state }: ListedKey): ShownKey {
  const { id, algorithm, created_at: createdAt, activated_at: activatedAt, retired_at: retiredAt } = key
  return { id, algorithm, state, createdAt, activatedAt, retiredAt }
}

/** A signing key that a server tells of, as those of a node are shown. */
export function presentKeyView(view: z.output<typeof list.output>['items'][number]): ShownKey {
  const { id, algorithm, state } = view
  const times = [view.createdAt, view.activatedAt, view.retiredAt].map(readTime)
  const [createdAt = null, activatedAt = null, retiredAt = null] = times
  return { id, algorithm, state, createdAt, activatedAt, retiredAt }
}

/** A time of ISO 8601 in epoch milliseconds; `null` for none. */
export function readTime(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}

/** What rests on a master key, as it is shown. */
export type ShownUse = Omit<MasterKeyUse, 'sessionsEndAt'> & {
  sessionsEndAt: number | null
  isRemovable: boolean
}

/** The signing keys of a realm as a table. */
export function describeSigningKeys(realm: string, keys: ShownKey[]): string[] {
  const rows = keys.map(({ id, algorithm, state, createdAt, activatedAt, retiredAt }) => [
    ...[id, algorithm, state],
    ...[createdAt, activatedAt, retiredAt].map(timeOf),
  ])
  return [
    `signing keys of realm ${realm}`,
    ...table(['id', 'algorithm', 'state', 'created', 'activated', 'retired'], rows),
    '',
  ]
}

/** Each master key, and what an operator should know of it. */
export function describeMasterKeys(uses: ShownUse[]): string[] {
  const header = [
    'id',
    'role',
    'signing keys',
    'authenticators',
    'hash secrets',
    'openid artifacts',
    'webhook secrets',
    'recovery codes',
    'sessions',
  ]
  const rows = uses.map((use) => [
    use.id,
    use.role,
    ...[use.signingKeys, use.authenticators, use.hashSecrets, use.openidArtifacts].map(String),
    ...[use.webhookSecrets, use.recoveryCodes, use.sessions].map(String),
  ])
  return ['master keys', ...table(header, rows), ...uses.flatMap(adviceOn)]
}

function adviceOn(use: ShownUse): string[] {
  const { id, role, sessions } = use
  const sealed = sealedTexts(use)
  const end = timeOf(use.sessionsEndAt)
  if (role === 'gone')
    return [
      ...(sealed > 0
        ? [`${id} is missing. Texts that need it in MANYDOORS_SECRET_PREVIOUS: ${sealed}.`]
        : []),
      ...(sessions > 0
        ? [`${id} is gone. Sessions that went with it, and leave this list until ${end}: ${sessions}.`]
        : []),
    ]
  if (role !== 'previous') return []
  if (sealed > 0) return [`${id} is still needed. Texts that wait to be sealed anew: ${sealed}.`]
  if (use.isRemovable) return [`${id} is no longer needed: take it out of MANYDOORS_SECRET_PREVIOUS.`]
  return [
    `${id} seals nothing any more. Sessions that end with it, or by themselves until ${end}: ${sessions}.`,
  ]
}

function timeOf(at: number | null): string {
  return at === null ? '-' : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

function table(header: string[], rows: string[][]): string[] {
  return alignColumns([header, ...rows]).map((line) => `  ${line}`)
}
