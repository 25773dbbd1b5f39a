/** Where the passkeys of a realm are good. */
export interface PasskeySettings {
  /** The domain that they are made for; another one makes all of them useless. */
  rpId: string
  /** The origins whose pages may use them, that of the realm's public URL among them. */
  origins: string[]
  /** `required`: the authenticator must see its owner (fingerprint, PIN), so that a passkey is two factors. */
  userVerification: 'required' | 'preferred'
}

/** The origins of other domains than that of the passkeys, which browsers ask that one for (related origins). */
export function relatedOrigins({ rpId, origins }: PasskeySettings): string[] {
  return origins.filter((origin) => !isOfDomain(origin, rpId))
}

/** Whether the host of an origin is that domain, or below it. */
export function isOfDomain(origin: string, domain: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === domain || hostname.endsWith(`.${domain}`)
}
