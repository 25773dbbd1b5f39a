import { addClient } from '../../src/core/clients/admin.ts'
import { hashClientSecret } from '../../src/core/clients/client-secret.ts'
import type { Context } from '../../src/core/context.ts'
import { openidDoor } from '../../src/core/openid/door.ts'
import type { OpenidClientSettings } from '../../src/core/openid/settings.ts'
import { benchClients, redirectUri } from './clients.ts'

/** Registers the apps of the benchmark. */
export async function seedOpenidClients(ctx: Context): Promise<void> {
  const { dialect } = openidDoor
  for (const { id, secret, idTokenAlgorithm } of benchClients) {
    const settings: OpenidClientSettings = { idTokenAlgorithm, introspect: true }
    const brand = { name: id }
    await addClient(ctx, {
      dialect,
      id,
      kind: 'registered',
      origins: [],
      redirectUris: [redirectUri],
      brand,
      settings: { ...settings },
    })
    const given = { hash: hashClientSecret(secret), previousEndsAt: null, now: ctx.now() }
    await ctx.store.clients.setSecret({ dialect, id }, given)
  }
}
