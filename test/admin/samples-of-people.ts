import { execute } from '../harness/database.ts'
import { minbil, registerUnmailed } from '../harness/doors.ts'
import { freshEmail } from '../harness/harness.ts'
import { freshId, reason, type Samples, type World } from './world.ts'

/** Of the operations on accounts, sessions, messages and the audit trail. */
export const samplesOfPeople: Samples = {
  'accounts.list': () => ({}),
  'accounts.show': async (world) => ({ account: await freshAccount(world) }),
  'accounts.timeline': async (world) => ({ account: await freshAccount(world) }),
  'accounts.create': () => ({ email: freshEmail(), reason }),
  'accounts.change_name': async (world) => ({
    account: await freshAccount(world),
    name: 'username',
    value: `name-${freshId().slice(-6)}`,
    reason,
  }),
  'accounts.send_reset': async (world) => ({ account: await freshAccount(world) }),
  'accounts.send_verification': async (world) => ({
    account: await freshAccount(world, { isProven: false }),
  }),
  'accounts.end_sessions': async (world) => ({ account: (await freshPerson(world)).account }),
  'accounts.disable': async (world) => ({ account: await freshAccount(world), reason }),
  'accounts.enable': async (world) => {
    const account = await freshAccount(world)
    await world.program.ask('POST', `/realms/main/accounts/${account}/disable`, { json: { reason } })
    return { account, reason }
  },
  'accounts.remove_second_factor': async (world) => {
    const account = await freshAccount(world)
    await execute(
      databaseOf(world),
      `insert into totp (realm, account_id, secret_sealed, sealed_under, created_at, confirmed_at)
       values ('main', '${account}', '', '', 1, 1)`,
    )
    return { account, reason }
  },
  'accounts.remove_authenticator': async (world) => {
    const account = await freshAccount(world)
    const authenticator = freshId()
    const values = `'main', '${account}', '', '', 1, 1`
    const columns = 'realm, account_id, secret_sealed, sealed_under, created_at, confirmed_at'
    await execute(databaseOf(world), `insert into totp (${columns}) values (${values})`)
    await execute(
      databaseOf(world),
      `insert into authenticators (id, name, ${columns}) values ('${authenticator}', 'Phone', ${values})`,
    )
    return { account, authenticator, reason }
  },
  'accounts.remove_passkeys': async (world) => {
    const account = await freshAccount(world)
    await execute(
      databaseOf(world),
      `insert into passkeys (realm, id, account_id, rp_id, public_key, counter, transports, aaguid, backup_eligible,
         backed_up, name, created_at)
       values ('main', '${freshId()}', '${account}', 'localhost', '', 0, '[]', '', 0, 0, 'Key', 1)`,
    )
    return { account, reason }
  },
  'accounts.export': async (world) => ({ account: await freshAccount(world), reason }),
  'accounts.delete': async (world) => {
    const { account, email } = await freshPerson(world)
    return { account, name: email, reason }
  },
  'sessions.list': () => ({}),
  'sessions.count': () => ({}),
  'sessions.end': async (world) => {
    const { account } = await freshPerson(world)
    const { body } = await world.program.ask('GET', `/realms/main/sessions?account=${account}`)
    return { session: body.items[0].id }
  },
  'sessions.end_all': async (world) => ({ account: (await freshPerson(world)).account, reason }),
  'messages.list': () => ({}),
  'messages.send_again': async (world) => ({ message: await freshMessage(world) }),
  'messages.send_all_again': async (world) => {
    await freshMessage(world)
    return {}
  },
  'messages.drop': async (world) => ({ message: await freshMessage(world), reason }),
  'messages.reveal': async (world) => ({ message: await freshMessage(world) }),
  'audit.list': () => ({}),
  'audit.export': () => ({ format: 'csv' }),
}

function databaseOf({ server }: World): string {
  return server.env.DATABASE_URL ?? ''
}

async function freshAccount({ program }: World, { isProven = true } = {}): Promise<string> {
  const json = { email: freshEmail(), isProven, reason }
  return (await program.ask('POST', '/realms/main/accounts', { json })).body.id
}

/** Somebody who is signed in. */
async function freshPerson(world: World): Promise<{ account: string; email: string }> {
  const person = await registerUnmailed(world.server, databaseOf(world))
  await minbil.signIn(world.server, person)
  const { body } = await world.program.ask('GET', `/realms/main/accounts?q=${person.email}`)
  return { account: body.items[0].id, email: person.email }
}

/** A message that was given up. */
async function freshMessage(world: World): Promise<string> {
  const id = freshId()
  await execute(
    databaseOf(world),
    `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at, dead_at)
     values ('${id}', 'main', 'account-exists-mail', '{"email":"${freshEmail()}","brand":{"name":"x"}}', 1, 9, 1, 2)`,
  )
  return id
}
