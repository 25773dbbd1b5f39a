/** What a new password must be like. */
export interface PasswordPolicy {
  /** In characters, as is `maxLength`. */
  minLength: number
  maxLength: number
  /** Whether it must be hard to guess, too. */
  isStrict: boolean
}

/** Where new passwords must be hard to guess: on the hosted pages alone, at every door and command too, or nowhere. */
export type StrictPasswords = 'pages' | 'everywhere' | 'off'

interface RealmPolicies {
  password: PasswordPolicy
  strictPasswords: StrictPasswords
}

/** NIST SP 800-63B-4 §3.1.1.2, for accounts that have no second factor. */
const strictMinLength = 15

/** The policy of hosted pages, where people have time to think of a password: strict unless the realm says otherwise. */
export function pagePolicy(realm: RealmPolicies): PasswordPolicy {
  return realm.strictPasswords === 'off' ? realm.password : strictPolicy(realm.password)
}

/** A context in which new passwords are held to the policy of hosted pages. */
export function withPagePolicy<C extends { realm: RealmPolicies }>(ctx: C): C {
  return { ...ctx, realm: { ...ctx.realm, password: pagePolicy(ctx.realm) } }
}

/** A policy made strict: passwords must be long and hard to guess. */
export function strictPolicy(policy: PasswordPolicy): PasswordPolicy {
  return { ...policy, minLength: Math.max(policy.minLength, strictMinLength), isStrict: true }
}
