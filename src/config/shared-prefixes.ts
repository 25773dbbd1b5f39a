import { openidManifest } from '../openid/manifest/manifest.ts'
import type { Config } from './config.ts'
import type { DialectManifest } from './dialect-manifest.ts'

/** Loaded doors in a realm where another one has paths in common with them: nobody could say whose an unknown path is. */
export function findSharedPrefixes(
  { realms, loadedDialects }: Pick<Config, 'realms' | 'loadedDialects'>,
  shipped: DialectManifest[],
): string[] {
  return realms.flatMap((realm) => {
    const isOpen = ({ door }: DialectManifest) => door.dialect in realm.dialects
    const openid = realm.openid ? [openidManifest] : []
    const open = [...[...shipped, ...loadedDialects].filter(isOpen), ...openid]
    return loadedDialects.filter(isOpen).flatMap((own) =>
      open.flatMap((other) => {
        const shared = own === other ? undefined : sharedPrefix(own, other)
        const found = `has paths below ${shared}, as ${other.door.dialect} has: name the doors of the realm`
        return shared === undefined ? [] : [`realms.${realm.name}.dialects.${own.door.dialect} ${found}`]
      }),
    )
  })
}

function sharedPrefix(one: DialectManifest, other: DialectManifest): string | undefined {
  return one.prefixes.find((prefix) => other.prefixes.some((another) => overlap(prefix, another)))
}

function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)
}
