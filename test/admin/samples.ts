import { execute } from '../harness/database.ts'
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
  'clients.list': () => ({}),
  'clients.show': async (world) => freshClient(world),
  'clients.add': () => ({ dialect: 'pm2', name: 'of the matrix' }),
  'clients.change': async (world) => ({
    ...(await freshClient(world)),
    name: 'changed',
    redirectUris: [redirectUri],
  }),
  'clients.remove': async (world) => ({ ...(await freshClient(world)), reason }),
  'clients.rotate_secret': async (world) => ({ ...(await freshClient(world)), overlapHours: 1, reason }),
  'realms.list': () => ({}),
  'realms.show': () => ({}),
  'keys.list': () => ({}),
  'keys.rotate': async ({ server }) => {
    const aged = 'update signing_keys set created_at = created_at - 90000000 where activated_at is null'
    await execute(server.env.DATABASE_URL ?? '', aged)
    return {}
  },
  'keys.replace': () => ({ reason }),
  'keys.list_master': () => ({}),
  'operators.list': () => ({}),
  'operators.invite': () => ({ email: freshAddress(), role: 'support', reason }),
  'operators.change': async (world) => ({ operator: await freshOperator(world), role: 'auditor', reason }),
  'operators.disable': async (world) => ({ operator: await freshOperator(world), reason }),
  'operators.enable': async (world) => {
    const operator = await freshOperator(world)
    await world.program.ask('POST', `/operators/${operator}/disable`, { json: { reason } })
    return { operator, reason }
  },
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
export const showsOnce = ['clients.add', 'clients.rotate_secret', 'operators.invite', 'tokens.make']

let addresses = 0

function freshAddress(): string {
  return `matrix-${++addresses}@example.com`
}

async function freshOperator({ server, program }: World): Promise<string> {
  const { email } = await operatorOf(server, 'support')
  const { body } = await program.ask('GET', '/operators')
  return body.items.find((operator: { email: string }) => operator.email === email).id
}

const redirectUri = 'https://app.example/callback'

async function freshClient({ program }: World): Promise<{ dialect: string; client: string }> {
  const json = { dialect: 'openid', redirectUris: [redirectUri] }
  const { body } = await program.ask('POST', '/realms/main/clients', { json })
  return { dialect: 'openid', client: body.client.id }
}
