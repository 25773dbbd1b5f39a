/** What a hook may have a token say. */
export type ClaimValue = string | number | boolean | string[]
export type TokenClaims = Record<string, ClaimValue>

/**
 * The form of names that nobody else gives a meaning (RFC 7519 §4.2): an https URL in ASCII. No registered claim has it, so
 * none can be overridden.
 */
export const claimName = /^https:\/\/[a-z\d.-]+(:\d{1,5})?(\/[\w.~/#-]*)?$/
export const maxClaimNameLength = 100
