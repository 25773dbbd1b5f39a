import { say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import { passkeysByDomain } from '../../store/admin/diagnosis.ts'
import type { Database } from '../../store/types.ts'
import { type Finding, ok, warning } from './check.ts'

/** Whether the passkeys that there are can be used: they are good for the domain alone that they were made for. */
export async function checkPasskeys({ realms }: Config, db: Database): Promise<Finding> {
  const counts = await passkeysByDomain(db)
  const lost = counts.flatMap(({ realm, rp_id: domain, passkeys }) => {
    const settings = realms.find(({ name }) => name === realm)
    return settings && settings.passkeys?.rpId !== domain ? [`${realm}: ${passkeys}, ${domain}`] : []
  })
  const total = counts.reduce((sum, { passkeys }) => sum + Number(passkeys), 0)
  if (lost.length === 0)
    return ok(total === 0 ? say('there are none') : say('{total}, all of a domain of today', { total }))
  return warning(
    say('made for another domain, so nobody can use them: {lost}', { lost: lost.join('; ') }),
    say('set passkeys.rpId of the realm to that domain, or have their owners make new ones'),
  )
}
