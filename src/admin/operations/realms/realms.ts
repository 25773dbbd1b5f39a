import { z } from 'zod'
import type { Desk } from '../../desk.ts'
import { deskFor } from '../../desk.ts'
import { defineOperation } from '../operation.ts'
import { isoTimeOrNull } from '../times.ts'

/** Counting ends there. */
export const mostCounted = 1_000
const dayMs = 24 * 60 * 60_000

const RealmView = z.object({
  name: z.string(),
  publicUrl: z.string(),
  hosts: z.array(z.string()).describe('None for the realm of every host that no other has'),
  doors: z.array(z.object({ name: z.string(), prefixes: z.array(z.string()) })),
  openid: z.boolean(),
  signInWith: z.array(z.string()).describe('The ids of other providers that people may sign in with'),
  hooks: z.array(z.string()).describe('Which hooks are asked'),
  passkeyDomain: z.string().nullable(),
  sender: z.string().nullable().describe('Of its mails'),
  newAccounts: z
    .int()
    .describe(`Accounts opened since midnight (UTC); ${mostCounted} stands for as many or more`),
  signingKey: z
    .object({ id: z.string(), algorithm: z.string(), since: z.string() })
    .nullable()
    .describe('The newest key that signs'),
})

async function presentRealm({ ctx, means }: Desk): Promise<z.input<typeof RealmView>> {
  const { realm, publicUrl, store, now, identityProviders, hooks } = ctx
  const { hosts, doors, sender } = means.placeOf(realm.name)
  const since = now() - (now() % dayMs)
  const newAccounts = await store.counts.eventsSince('account.created', { since, most: mostCounted })
  const signing = (await store.signingKeys.list()).findLast(
    ({ activated_at, retired_at }) => activated_at !== null && retired_at === null,
  )
  return {
    name: realm.name,
    publicUrl,
    hosts,
    doors,
    openid: realm.openid !== undefined,
    signInWith: [...identityProviders.keys()],
    hooks: Object.keys(hooks),
    passkeyDomain: realm.passkeys?.rpId ?? null,
    sender: sender ?? null,
    newAccounts,
    signingKey: signing
      ? { id: signing.id, algorithm: signing.algorithm, since: isoTimeOrNull(signing.activated_at) ?? '' }
      : null,
  }
}

export const show = defineOperation({
  name: 'realms.show',
  summary: 'Show where a realm is reached, through what, and what it has',
  capability: 'realms.read',
  at: 'realm',
  method: 'GET',
  path: '',
  input: z.object({}),
  output: RealmView,
  run: presentRealm,
})

export const list = defineOperation({
  name: 'realms.list',
  summary: 'List the realms',
  capability: 'realms.read',
  at: 'server',
  method: 'GET',
  path: '/realms',
  input: z.object({}),
  output: z.object({ items: z.array(RealmView) }),
  run: async ({ means, asker, ctx }) => ({
    items: await Promise.all(
      [...means.realms.keys()].map((name) => presentRealm(deskFor(means, asker, ctx.origin, name))),
    ),
  }),
})

export const realmOperations = [list, show]
