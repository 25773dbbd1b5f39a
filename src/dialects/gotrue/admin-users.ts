import type { z } from 'zod'
import { eraseAccount } from '../../core/accounts/erasure.ts'
import { listFactorsOfEach } from '../../core/factors/list.ts'
import { changeManagedAccount } from '../../core/managing/change-account.ts'
import { createManagedAccount } from '../../core/managing/create-account.ts'
import { listManagedAccounts } from '../../core/managing/list-accounts.ts'
import type { App } from '../../http/types.ts'
import * as fields from './admin-fields.ts'
import { instead, invalid, Refused, refusals } from './errors.ts'
import type { Settings } from './manifest.ts'
import { pageHeaders, readPage } from './pages.ts'
import { base } from './paths.ts'
import { presentUser } from './present.ts'
import { userNamed } from './user-named.ts'
import { managedUserOf } from './user-of.ts'

/** What back ends do with the accounts of people. */
export function adminUserRoutes(app: App, settings: Settings): void {
  const path = `${base}/admin/users`
  app.get(path, { schema: { querystring: fields.Users } }, async ({ ctx, query }, reply) => {
    const { page, perPage } = readPage(query)
    const { filter } = query
    const search = filter === undefined ? undefined : { text: filter, inProfile: 'full_name' }
    const { accounts, total } = await listManagedAccounts(ctx, { page, perPage, search })
    reply.headers(pageHeaders('/admin/users', { page, perPage, filter, total }))
    const held = await listFactorsOfEach(
      ctx,
      accounts.map(({ id }) => id),
    )
    const users = accounts.map((account) => presentUser(account, settings, held.get(account.id)))
    return { users, aud: 'authenticated' }
  })
  app.post(path, { schema: { body: fields.NewUser }, errorHandler }, async ({ ctx, body }) => {
    const { id, email, phone } = body
    if (email === undefined && phone === undefined)
      throw invalid('Cannot create a user without either an email or phone')
    const { isEmailProven = false, isPhoneProven = false, ...given } = readUser(ctx.now(), body)
    const disabledUntil = given.disabledUntil ?? undefined
    const wanted = { ...given, id, isEmailProven, isPhoneProven, disabledUntil }
    return presentUser(await createManagedAccount(ctx, wanted), settings)
  })
  app.get(`${path}/:id`, async (request) => managedUserOf(request.ctx, await userNamed(request), settings))
  app.put(`${path}/:id`, { schema: { body: fields.ManagedUser }, errorHandler }, async (request) => {
    const { ctx, body } = request
    const { id } = await userNamed(request)
    const changed = await changeManagedAccount(ctx, id, readUser(ctx.now(), body))
    if (!changed) throw new Refused(refusals.userNotFound)
    return managedUserOf(ctx, changed, settings)
  })
  // Also where the client asks for some of it to be kept: whoever is deleted here is deleted.
  app.delete(`${path}/:id`, async (request) => {
    const { id } = await userNamed(request)
    if (!(await eraseAccount(request.ctx, id))) throw new Refused(refusals.userNotFound)
    return {}
  })
}

const errorHandler = instead({ email_taken: refusals.emailExists })

function readUser(now: number, body: z.output<typeof fields.ManagedUser>) {
  const { email, phone, password, password_hash: passwordHash, ban_duration: banMs } = body
  if (password !== undefined && passwordHash !== undefined)
    throw invalid('Only a password or a password hash should be provided')
  return {
    email,
    phone,
    password,
    passwordHash,
    isEmailProven: body.email_confirm,
    isPhoneProven: body.phone_confirm,
    profile: body.user_metadata,
    attributes: body.app_metadata,
    disabledUntil: banMs === undefined ? undefined : banMs === 0 ? null : now + banMs,
  }
}
