import type { Context } from '../../core/context.ts'
import { signOutEverywhere, signOutOthers } from '../../core/sessions/sessions.ts'
import { type Leaver, signOutSelf } from '../../core/sessions/sign-out.ts'
import { needsSecondFactor } from '../../core/sign-in/second-factor.ts'
import { forLeavers } from '../../http/bearer.ts'
import type { App } from '../../http/types.ts'
import { invalid } from './errors.ts'
import * as fields from './fields.ts'
import { base } from './paths.ts'

export function signOutRoute(app: App): void {
  const schema = { querystring: fields.SignOut }
  app.post(`${base}/logout`, { schema, ...forLeavers }, async ({ ctx, leaver, query }, reply) => {
    const end = endings.get(query.scope ?? 'global')
    if (!end)
      throw invalid(`Unsupported logout scope "${/^\w{1,30}$/.test(query.scope ?? '') ? query.scope : ''}"`)
    // Whoever comes back after an hour can leave, and no more; nor can who knows the password alone.
    const isBound = leaver.isLate || (await needsSecondFactor(ctx, leaver.account.id, leaver.session))
    await (isBound ? signOutSelf : end)(ctx, leaver)
    return reply.code(204).send()
  })
}

const endings = new Map<string, (ctx: Context, leaver: Leaver) => Promise<void>>([
  ['global', signOutEverywhere],
  ['local', signOutSelf],
  ['others', signOutOthers],
])
