import { z } from 'zod'
import {
  addClient,
  changeClient,
  clientNamed,
  type KnownClient,
  listClients,
  newClientSecret,
  reloadClients,
  removeClient,
  rotateClientSecret,
} from '../../../core/clients/admin.ts'
import type { Client } from '../../../core/clients/client.ts'
import { AuthError } from '../../../core/errors.ts'
import { openidDoor } from '../../../core/openid/door.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { lineField, optional } from '../../../http/fields.ts'
import type { Desk } from '../../desk.ts'
import { fieldRules } from '../field-rules.ts'
import { defineOperation, nextField, nothing, reasonField } from '../operation.ts'
import {
  ClientView,
  hasRegisteredItself,
  mostSessions,
  presentClient,
  ShownClientView,
  showsSecret,
} from './views.ts'

const named = { dialect: z.string().max(100), client: z.string().max(100) }

/** Texts of a list; a form has them on lines of their own. */
const lines = z.preprocess(
  (given) =>
    typeof given === 'string' ? given.split('\n').flatMap((line) => line.trim() || []) : (given ?? []),
  z.array(z.string()).max(200),
)

const described = {
  name: optional(lineField({ min: 1, max: 100, message: fieldRules.clientName })),
  origins: lines,
  redirectUris: lines,
  frontEndUrl: optional(z.string()),
  settings: z.record(z.string(), z.unknown()).default({}),
}

/** Throws `not_found` where there is no such client. */
async function find(
  desk: Desk,
  { dialect, client: id }: { dialect: string; client: string },
): Promise<KnownClient> {
  const client = await clientNamed(desk.ctx, { dialect, id })
  if (!client) throw new OperatorError('not_found')
  return client
}

/** Throws `refused` for one that is changed elsewhere. */
function refuseForeign(client: KnownClient): void {
  if (client.isDeclared) throw new OperatorError('refused', 'client_declared')
  if (hasRegisteredItself(client)) throw new OperatorError('refused', 'client_registered')
}

interface Described {
  name?: string | undefined
  origins: string[]
  redirectUris: string[]
  frontEndUrl?: string | undefined
  settings: Record<string, unknown>
}

/** The client as its dialect has it. Throws `validation_failed` with everything that is wrong. */
function read({ means }: Desk, dialect: string, given: Described & { id: string }): Client {
  const result = means.clientRules.read(dialect, given)
  if ('client' in result) return result.client
  throw new AuthError('validation_failed', { issues: result.problems })
}

const mostListed = 50

export const list = defineOperation({
  name: 'clients.list',
  summary: 'List the apps of a realm, by dialect and id',
  capability: 'clients.read',
  at: 'realm',
  method: 'GET',
  path: '/clients',
  input: z.object({
    after: optional(z.string().max(220)),
    most: z.coerce.number().int().min(1).max(mostListed).default(mostListed),
  }),
  output: z.object({ items: z.array(ClientView), next: nextField }),
  run: async ({ ctx }, { after, most }) => {
    const keyed = (await listClients(ctx)).map((client) => ({ client, key: keyOf(client) }))
    // Of one that is gone, what came behind it is still there.
    const rest = keyed
      .filter(({ key }) => after === undefined || key > after)
      .sort((one, other) => (one.key < other.key ? -1 : 1))
    const page = rest.slice(0, most)
    const next = rest.length > most ? (page.at(-1)?.key ?? null) : null
    return { items: page.map(({ client }) => presentClient(client)), next }
  },
})

function keyOf({ dialect, id }: Pick<Client, 'dialect' | 'id'>): string {
  return `${dialect}/${id}`
}

export const show = defineOperation({
  name: 'clients.show',
  summary: 'Show what is known of an app',
  capability: 'clients.read',
  at: 'realm',
  method: 'GET',
  path: '/clients/:dialect/:client',
  input: z.object(named),
  output: ShownClientView,
  run: async (desk, input) => {
    const client = await find(desk, input)
    const { ctx } = desk
    const counted = { now: ctx.now(), most: mostSessions }
    return {
      ...presentClient(client),
      issuer: issuerOf(desk, client.dialect),
      liveSessions: await ctx.store.counts.liveSessions(client, counted),
    }
  },
})

function issuerOf({ ctx }: Desk, dialect: string): string | null {
  return dialect === openidDoor.dialect ? ctx.publicUrl : null
}

export const add = defineOperation({
  name: 'clients.add',
  summary: 'Add an app; a secret, where it shows one, is answered once',
  capability: 'clients.write',
  at: 'realm',
  method: 'POST',
  path: '/clients',
  input: z.object({ dialect: named.dialect, id: optional(z.string().max(100)), ...described }),
  output: z.object({
    client: ClientView,
    issuer: ShownClientView.shape.issuer,
    secret: z.string().nullable(),
  }),
  run: async (desk, { dialect, id: wanted, ...given }) => {
    const { ctx, means } = desk
    if (!means.clientRules.dialectsOf(ctx.realm.name).includes(dialect))
      throw new OperatorError('refused', 'client_dialect', { dialect })
    const id = wanted ?? (await means.clientRules.newId(ctx, dialect))
    const client = read(desk, dialect, { ...given, id })
    const secret = showsSecret(client) ? newClientSecret(ctx) : undefined
    if (!(await addClient(ctx, client, secret)))
      throw new OperatorError('refused', 'client_taken', { id, dialect })
    await reloadClients(ctx)
    const added = await find(desk, { dialect, client: id })
    return { client: presentClient(added), issuer: issuerOf(desk, dialect), secret: secret ?? null }
  },
})

export const change = defineOperation({
  name: 'clients.change',
  summary: 'Write over what is known of an app that was added here',
  capability: 'clients.write',
  at: 'realm',
  method: 'PUT',
  path: '/clients/:dialect/:client',
  input: z.object({ ...named, ...described }),
  output: ClientView,
  run: async (desk, { dialect, client: id, ...given }) => {
    const known = await find(desk, { dialect, client: id })
    refuseForeign(known)
    const client = read(desk, dialect, { ...given, id })
    const brand = { ...known.brand, name: client.brand.name }
    if (!(await changeClient(desk.ctx, { ...client, brand }))) throw new OperatorError('conflict')
    await reloadClients(desk.ctx)
    return presentClient(await find(desk, { dialect, client: id }))
  },
})

export const remove = defineOperation({
  name: 'clients.remove',
  summary: 'Remove an app that no configuration declares',
  capability: 'clients.write',
  at: 'realm',
  method: 'DELETE',
  path: '/clients/:dialect/:client',
  isDangerous: true,
  input: z.object({ ...named, reason: reasonField }),
  output: nothing,
  run: async (desk, { dialect, client: id }) => {
    const known = await find(desk, { dialect, client: id })
    if (known.isDeclared) refuseForeign(known)
    if (!(await removeClient(desk.ctx, { dialect, id }))) throw new OperatorError('conflict')
    await reloadClients(desk.ctx)
    return {}
  },
})

const overlapRule = fieldRules.clientOverlap

export const rotateSecret = defineOperation({
  name: 'clients.rotate_secret',
  summary: 'Give an app a new secret, which is answered once; the one before stays good for a while',
  capability: 'clients.write',
  at: 'realm',
  method: 'POST',
  path: '/clients/:dialect/:client/secret',
  isDangerous: true,
  input: z.object({
    ...named,
    overlapHours: z.coerce
      .number(overlapRule)
      .int(overlapRule)
      .min(0, overlapRule)
      .max(2160, overlapRule)
      .default(24),
    reason: reasonField,
  }),
  output: z.object({ secret: z.string() }),
  run: async (desk, { dialect, client: id, overlapHours }) => {
    const known = await find(desk, { dialect, client: id })
    if (!showsSecret(known)) throw new OperatorError('refused', 'client_without_secret')
    const overlapSeconds = overlapHours * 60 * 60
    const secret = await rotateClientSecret(desk.ctx, { dialect, id }, { overlapSeconds })
    if (secret === undefined) throw new OperatorError('conflict')
    return { secret }
  },
})

export const clientOperations = [list, show, add, change, remove, rotateSecret]
