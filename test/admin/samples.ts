import type { TestServer } from '../harness/harness.ts'
import { operatorOf } from './operator.ts'
import type { TestProgram } from './programs.ts'

/** What samples are made in. */
export interface World {
  server: TestServer
  /** With every scope. */
  program: TestProgram
}

type Fields = Record<string, unknown>

const reason = 'As the matrix wants it'

/** Fields of each operation with which it can be done, by its name: each call makes anew what it is done to. */
export const samples: Record<string, (world: World) => Fields | Promise<Fields>> = {
  'operators.list': () => ({}),
  'operators.invite': () => ({ email: freshAddress(), role: 'support', reason }),
  'operators.change': async (world) => ({ operator: await freshOperator(world), role: 'auditor', reason }),
  'operators.disable': async (world) => ({ operator: await freshOperator(world), reason }),
  'operators.enable': async (world) => {
    const operator = await freshOperator(world)
    await world.program.ask('POST', `/operators/${operator}/disable`, { json: { reason } })
    return { operator, reason }
  },
  'webhooks.list': () => ({}),
  'webhooks.show': freshWebhook,
  'webhooks.add': () => ({ url: 'https://app.example.com/hook', types: ['session.*'], reason }),
  'webhooks.edit': async (world) => ({ ...(await freshWebhook(world)), types: ['*'], reason }),
  'webhooks.remove': async (world) => ({ ...(await freshWebhook(world)), reason }),
  'webhooks.secret': async (world) => ({ ...(await freshWebhook(world)), reason }),
  'webhooks.pause': freshWebhook,
  'webhooks.resume': async (world) => {
    const { webhook } = await freshWebhook(world)
    await world.program.ask('POST', `/realms/main/webhooks/${webhook}/pause`, { json: {} })
    return { webhook }
  },
  'webhooks.test': freshWebhook,
  'webhooks.deliveries': freshWebhook,
  'webhooks.delivery': freshDelivery,
  'webhooks.resend': freshDelivery,
  'webhooks.resend_failed': freshWebhook,
  'tokens.list': () => ({}),
  'tokens.make': () => ({ name: 'of the matrix', scopes: ['tokens.write'], reason }),
  'tokens.revoke': async ({ program }) => {
    const json = { name: 'to be revoked', scopes: ['health.read'], reason }
    return { token: (await program.ask('POST', '/tokens', { json })).body.row.id, reason }
  },
}

/** Operations that only look, and are in the audit trail all the same: what they show is not for everybody's eyes. */
export const auditedReads: string[] = []

/** Operations that are no GET, and change nothing that the audit trail tells of. */
export const unauditedChanges: string[] = []

/** Operations that answer a secret which is shown this once. */
export const showsOnce = ['operators.invite', 'tokens.make', 'webhooks.add', 'webhooks.secret']

let addresses = 0

function freshAddress(): string {
  return `matrix-${++addresses}@example.com`
}

async function freshOperator({ server, program }: World): Promise<string> {
  const { email } = await operatorOf(server, 'support')
  const { body } = await program.ask('GET', '/operators')
  return body.items.find((operator: { email: string }) => operator.email === email).id
}

/** Paused, so that nothing is sent amid a test; one at a time, as a realm has only so many. */
async function freshWebhook({ program }: World): Promise<{ webhook: string }> {
  const path = '/realms/main/webhooks'
  for (const { id } of (await program.ask('GET', path)).body.items)
    await program.ask('DELETE', `${path}/${id}?${new URLSearchParams({ reason })}`)
  const json = { url: 'https://app.example.invalid/hook', types: ['webhook.test'], reason }
  const { body } = await program.ask('POST', path, { json })
  return { webhook: body.webhook.id }
}

async function freshDelivery(world: World): Promise<{ webhook: string; delivery: string }> {
  const { webhook } = await freshWebhook(world)
  const path = `/realms/main/webhooks/${webhook}`
  await world.program.ask('POST', `${path}/pause`, { json: {} })
  const { body } = await world.program.ask('POST', `${path}/test`, { json: {} })
  return { webhook, delivery: body.delivery }
}
