import { openidManifest } from '../openid/manifest/manifest.ts'
import type { Config } from './config.ts'
import { type Finding, pathText } from './sources/findings.ts'

/** What cannot be said by a schema: an API with the name of the issuer, and in production addresses without TLS. */
export function findOpenidProblems({ realms, mode }: Pick<Config, 'realms' | 'mode'>): string[] {
  return realms.flatMap(({ name, publicUrl, openid, clients }) => {
    if (!openid) return []
    const place = ['realms', name, 'openid']
    const own = clients.filter(({ dialect }) => dialect === openid.door.dialect)
    const resources = openid.resources.flatMap(({ identifier }, index): Finding[] =>
      identifier.replace(/\/+$/, '') === publicUrl
        ? [
            {
              path: [...place, 'resources', index, 'identifier'],
              problem: "must not be the realm's publicUrl, which is the issuer",
            },
          ]
        : [],
    )
    const ofClients = own.flatMap((client, index) =>
      (openidManifest.findProductionProblems?.(client) ?? []).map(({ path, problem }) => ({
        path: [...place, 'clients', index, ...path],
        problem,
      })),
    )
    return [...resources, ...(mode === 'production' ? ofClients : [])].map(
      ({ path, problem }) => `${pathText(path)} ${problem}`,
    )
  })
}
