import { execute } from '../harness/database.ts'
import { reason, type Samples, type World } from './world.ts'

/** Of the operations on clients, realms and keys. */
export const samplesOfClients: Samples = {
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
}

const redirectUri = 'https://app.example/callback'

async function freshClient({ program }: World): Promise<{ dialect: string; client: string }> {
  const json = { dialect: 'openid', redirectUris: [redirectUri] }
  const { body } = await program.ask('POST', '/realms/main/clients', { json })
  return { dialect: 'openid', client: body.client.id }
}
