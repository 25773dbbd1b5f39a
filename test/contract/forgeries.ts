import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
  sign,
} from 'node:crypto'

/** A token that the server has not made, and how it came about. */
export type Forgeries = Record<string, string>

/** What can be made of an opaque token without the server's key. */
export function forgeOpaque(token: string): Forgeries {
  const forgeries: Forgeries = { ...garbage(token), 'made up, as long': randomText(token.length) }
  for (let at = 0; at < token.length; at += 5) forgeries[`letter ${at} changed`] = changeLetter(token, at)
  return forgeries
}

/** What can be made of a JWT without the server's private key; `published` are the keys that it shows. */
export function forgeJwt(token: string, published: JsonWebKey[]): Forgeries {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = read(payload)
  const head = read(header)
  const later = write({ ...claims, iat: claims.iat + 60, exp: claims.exp + 31_536_000, gen: claims.gen + 1 })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const elliptic = (input: string) =>
    sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  const hmac = (input: string, key: string | Buffer) =>
    createHmac('sha256', key).update(input).digest('base64url')
  const withHead = (change: object, by: (input: string) => string, body = payload) => {
    const input = `${write({ ...head, ...change })}.${body}`
    return `${input}.${by(input)}`
  }
  const forgeries: Forgeries = {
    ...garbage(token),
    'without a signature': `${header}.${payload}.`,
    'in two parts': `${header}.${payload}`,
    'in four parts': `${token}.${signature}`,
    'with the signature of nothing': `${header}.${payload}.${'A'.repeat(signature.length)}`,
    'with a letter of its signature changed': `${header}.${payload}.${changeLetter(signature, 9)}`,
    'with a letter of its claims changed': `${header}.${changeLetter(payload, 40)}.${signature}`,
    'with other claims under the same signature': `${header}.${later}.${signature}`,
    'with another type under the same signature': withHead({ typ: 'JWT' }, () => signature),
    'without a type under the same signature': withHead({ typ: undefined }, () => signature),
    'signed by another elliptic key': withHead({ alg: 'ES256' }, elliptic),
    'signed by another elliptic key that it brings along': withHead(
      { alg: 'ES256', jwk: createPublicKey(privateKey).export({ format: 'jwk' }) },
      elliptic,
      later,
    ),
    'signed by another secret': withHead({ alg: 'HS256' }, (input) => hmac(input, randomBytes(32))),
    'signed by an empty secret': withHead({ alg: 'HS256' }, (input) => hmac(input, '')),
  }
  for (const alg of ['none', 'None', 'NONE', '']) {
    forgeries[`with algorithm '${alg}'`] = withHead({ alg }, () => '')
    forgeries[`with algorithm '${alg}' and the same signature`] = withHead({ alg }, () => signature)
  }
  published.forEach((jwk, index) => {
    const pem = createPublicKey({ key: jwk, format: 'jwk' })
      .export({ format: 'pem', type: 'spki' })
      .toString()
    for (const key of [pem, pem.trim(), JSON.stringify(jwk)]) {
      const forged = withHead({ alg: 'HS256' }, (input) => hmac(input, key), later)
      forgeries[`signed with published key ${index} as a secret of ${key.length} letters`] = forged
    }
  })
  return forgeries
}

/** What may become of any token on its way. */
function garbage(token: string): Forgeries {
  return {
    'cut by one letter': token.slice(0, -1),
    'cut in half': token.slice(0, token.length / 2),
    'a single letter': token.slice(0, 1),
    'with a letter more': `${token}A`,
    'with padding': `${token}=`,
    'with a mark at its end': `${token}!`,
    'with other bits in its padding': `${token.slice(0, -1)}${otherPadding(token.at(-1) ?? '')}`,
    'in capitals': token.toUpperCase(),
    twice: `${token}${token}`,
    'a word': 'token',
    'an object by its name': '[object Object]',
    'very long': 'A'.repeat(8000),
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A lenient reader takes the last letter for the same when only its lowest bit differs. */
function otherPadding(letter: string): string {
  return letters[letters.indexOf(letter) ^ 1] ?? ''
}

function changeLetter(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

function randomText(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length)
}

// biome-ignore lint/suspicious/noExplicitAny: claims have no type
function read(part: string): any {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}

function write(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
