import type { AccountRow } from '../store/schema.ts'

/** Which claims each scope brings (OpenID Connect Core §5.4), as far as accounts have them. */
export const claimsByScope = {
  openid: ['sub'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'preferred_username',
    'picture',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
}

/** What profiles call these claims, whichever door has filled them: the first that is there counts. */
const profileNames = {
  name: ['name', 'fullName', 'displayName'],
  given_name: ['given_name', 'firstName', 'firstname'],
  family_name: ['family_name', 'lastName', 'lastname'],
  picture: ['picture', 'avatar', 'avatarUrl'],
}

/** Everything that an account says of its person, by the names of claims; what is not known is left out. */
export function claimsOf(account: AccountRow): Record<string, unknown> & { sub: string } {
  const { email, phone, username, language, time_zone } = account
  const profile: Record<string, unknown> = JSON.parse(account.profile)
  const ofProfile = Object.entries(profileNames).map(([claim, names]) => [
    claim,
    names.map((name) => profile[name]).find((text) => typeof text === 'string' && text !== ''),
  ])
  const claims = {
    ...Object.fromEntries(ofProfile),
    preferred_username: username,
    locale: language,
    zoneinfo: time_zone,
    updated_at: Math.floor(account.updated_at / 1000),
    email,
    email_verified: email === null ? undefined : account.email_verified_at !== null,
    phone_number: phone,
    phone_number_verified: phone === null ? undefined : account.phone_verified_at !== null,
  }
  const known = Object.entries(claims).filter(([, value]) => value !== null && value !== undefined)
  return { sub: account.id, ...Object.fromEntries(known) }
}
