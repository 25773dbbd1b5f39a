import { operatorOf } from './operator.ts'
import { samplesOfClients } from './samples-of-clients.ts'
import { samplesOfPeople } from './samples-of-people.ts'
import { samplesOfServer } from './samples-of-server.ts'
import { reason, type Samples, type World } from './world.ts'

const ofOperators: Samples = {
  'operators.list': () => ({}),
  'operators.invite': () => ({ email: freshAddress(), role: 'support', reason }),
  'operators.change': async (world) => ({ operator: await freshOperator(world), role: 'auditor', reason }),
  'operators.disable': async (world) => ({ operator: await freshOperator(world), reason }),
  'operators.enable': async (world) => {
    const operator = await freshOperator(world)
    await world.program.ask('POST', `/operators/${operator}/disable`, { json: { reason } })
    return { operator, reason }
  },
  'configuration.list': () => ({ q: 'retention', show: 'all' }),
  'settings.list': () => ({}),
  'settings.set': () => ({ setting: 'retention.tickets', value: '8d', reason }),
  'settings.reset': async ({ program }) => {
    const json = { value: '400d', reason }
    await program.ask('PUT', '/settings/retention.audit', { json })
    return { setting: 'retention.audit', reason }
  },
  'realm_settings.list': () => ({}),
  'realm_settings.set': () => ({ setting: 'brand.accent', value: '#0b6438', reason }),
  'realm_settings.reset': async ({ program }) => {
    await program.ask('PUT', '/realms/main/settings/brand.name', { json: { value: 'Ørsta', reason } })
    return { setting: 'brand.name', reason }
  },
  'health.read': () => ({}),
  'health.check': () => ({}),
  'switching.read': () => ({}),
  'switching.count': () => ({}),
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

/** Of every operation; one without a sample fails. */
export const samples: Samples = {
  ...ofOperators,
  ...samplesOfPeople,
  ...samplesOfServer,
  ...samplesOfClients,
}

/** Operations that only look, by GET, and are in the audit trail all the same: what they show is not for everybody's eyes. */
export const auditedReads: string[] = []

/** Operations that are no GET, and change nothing that the audit trail tells of. */
export const unauditedChanges: string[] = ['health.check', 'switching.count']

/** Operations that answer a secret which is shown this once. */
export const showsOnce = [
  'clients.add',
  'clients.rotate_secret',
  'operators.invite',
  'tokens.make',
  'webhooks.add',
  'webhooks.secret',
]

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
