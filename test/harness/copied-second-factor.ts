import { nonceBytes } from '../../src/core/keys/master-key.ts'
import { totpContext } from '../../src/core/sign-in/authenticator.ts'
import type { TestServer } from './harness.ts'
import { withRealm } from './realm.ts'

/** Gives an account the authenticator that it had at another server, in force, as an import does. */
export function copySecondFactor(server: TestServer, accountId: string, secret: string): Promise<void> {
  return withRealm(server, async (ctx) => {
    const sealed = ctx.secrets.seal(secret, totpContext(accountId), ctx.randomBytes(nonceBytes))
    await ctx.store.totp.enrol(accountId, sealed, ctx.now())
    await ctx.store.totp.confirm(accountId, { secretSealed: sealed.sealed, step: 0 }, ctx.now())
  })
}
