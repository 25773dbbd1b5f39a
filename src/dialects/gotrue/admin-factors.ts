import { listFactors } from '../../core/factors/list.ts'
import { removeFactorByHand } from '../../core/factors/remove.ts'
import { isUuid } from '../../http/fields.ts'
import type { App } from '../../http/types.ts'
import { Refused, refusals } from './errors.ts'
import { base } from './paths.ts'
import { presentFactor } from './present-factor.ts'
import { userNamed } from './user-named.ts'

/** What the audit trail has as the reason. */
const reason = 'by_service'

/** What back ends do with the second factors of people. */
export function adminFactorRoutes(app: App): void {
  const path = `${base}/admin/users/:id/factors`
  app.get(path, async (request) => {
    const { id } = await userNamed(request)
    return (await listFactors(request.ctx, id)).map(presentFactor)
  })
  app.delete(`${path}/:factor`, async (request) => {
    const { ctx, params } = request
    const { id: accountId } = await userNamed(request)
    const { factor: factorId } = params as { factor: string }
    if (!isUuid(factorId)) throw new Refused(refusals.factorIdForm)
    const { brand } = ctx.client
    return presentFactor(await removeFactorByHand(ctx, { accountId, factorId }, { reason, brand }))
  })
}
