import { fillIn, type Texts } from '../texts.ts'

/** What a scope allows an app, in words (OpenID Connect Core §5.4, §11). */
const scopeTexts = new Map<string, keyof Texts>([
  ['openid', 'scopeOpenid'],
  ['profile', 'scopeProfile'],
  ['email', 'scopeEmail'],
  ['phone', 'scopePhone'],
  ['address', 'scopeAddress'],
  ['offline_access', 'scopeOffline'],
])

/** What a scope allows an app, as a person is told; by its name where it is one of an operator's. */
export function scopeText(scope: string, texts: Texts): string {
  const text = scopeTexts.get(scope)
  return text === undefined ? fillIn(texts.scopeOther, { scope }) : texts[text]
}

/** Likewise, of a scope at an API that is known by its identifier. */
export function resourceScopeText(resource: string, scope: string, texts: Texts): string {
  return fillIn(texts.scopeOfResource, { scope, resource: URL.parse(resource)?.host || resource })
}
