import type { GivenHash } from '../core/imports/neutral.ts'
import { UnusableHash } from './foreign-hash.ts'
import { textOfGiven } from './given.ts'
import type { KeepSecret, Notation } from './notation.ts'
import { aspnetNotations } from './notations/aspnet.ts'
import { djangoNotations } from './notations/django.ts'
import { firebaseNotations } from './notations/firebase.ts'
import { keycloakNotations } from './notations/keycloak.ts'
import { kratosNotations } from './notations/kratos.ts'
import { ldapNotations } from './notations/ldap.ts'
import { passlibNotations } from './notations/passlib.ts'
import { scryptNotations } from './notations/scrypt.ts'
import { springNotations } from './notations/spring.ts'
import { werkzeugNotations } from './notations/werkzeug.ts'
import { wordpressNotations } from './notations/wordpress.ts'
import { readHash } from './read-hash.ts'
import { refusedKinds } from './refused.ts'

/** Of a credential in JSON; a hash alone is shorter. */
const maxLength = 8192

/** The first one that fits counts. */
const notations: Notation[] = [
  ...springNotations,
  ...ldapNotations,
  ...djangoNotations,
  ...werkzeugNotations,
  ...passlibNotations,
  ...scryptNotations,
  ...firebaseNotations,
  ...kratosNotations,
  ...wordpressNotations,
  ...keycloakNotations,
  ...aspnetNotations,
]

/** One within another within another: `{ldap}{CRYPT}$7$…`. */
const maxNotations = 3

/**
 * The text that is kept of a hash, which `readHash` reads: hashes that many systems write alike as they are (bcrypt,
 * argon2, scrypt and PBKDF2 as PHC strings, crypt(3)), others as `$md$kind$…`. Secrets that it was made with are handed to
 * `keepSecret`, and only their ids stand in it. Throws `UnusableHash`.
 */
export function canonicalHash(given: string | GivenHash, keepSecret: KeepSecret): string {
  const kind = typeof given === 'string' ? undefined : given.kind
  const refused = kind === undefined ? undefined : refusedKinds.get(kind)
  if (refused !== undefined) throw new UnusableHash(refused)
  let text = typeof given === 'string' ? given : textOfGiven(given, keepSecret)
  if (text.length > maxLength) throw new UnusableHash('too long')
  for (let times = 0; times < maxNotations; times++) {
    const notation = notations.find(({ form }) => form.test(text))
    if (!notation) break
    text = notation.translate(text, keepSecret)
  }
  readHash(text)
  return text
}
