/** A secret that was seen, in one of the forms in which it could be kept. */
export interface Needle {
  /** What it is, for a message: never the secret itself alone. */
  what: string
  bytes: Buffer
}

const jwt = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g
/** From 40 characters on, so that UUIDs (which are names and not secrets) stay out. */
const opaque = /(?<![\w.-])[\w-]{40,}(?![\w.-])/g
const macBytes = 32

/** Every token, link secret and code in a text: JWTs and long random words. */
export function tokensIn(text: string): string[] {
  const jwts = text.match(jwt) ?? []
  const others = text.replaceAll(jwt, ' ').match(opaque) ?? []
  return [...new Set([...jwts, ...others])]
}

/** Every form in which a token could be presented again if it were found: itself, its bytes, its signature. */
export function needlesOfToken(token: string): Needle[] {
  const isJwt = token.includes('.')
  const secretPart = isJwt ? (token.split('.')[2] ?? '') : token
  const decoded = Buffer.from(secretPart, 'base64url')
  const needles = [{ what: `token ${token}`, bytes: Buffer.from(token) }, ...encodings(token, decoded)]
  if (isJwt) needles.push({ what: `signature of ${token}`, bytes: Buffer.from(secretPart) })
  // Opaque refresh tokens end in a MAC, before which there is nothing secret.
  if (decoded.length > macBytes) needles.push(...encodings(`MAC of ${token}`, decoded.subarray(-macBytes)))
  return needles
}

/** A password as it is, and as it would look encoded. */
export function needlesOfPassword(password: string): Needle[] {
  const bytes = Buffer.from(password)
  return [{ what: `password ${password}`, bytes }, ...encodings(`password ${password}`, bytes)]
}

function encodings(what: string, bytes: Buffer): Needle[] {
  const withoutPadding = bytes.toString('base64').replace(/=+$/, '')
  return [
    { what: `${what}, raw`, bytes },
    { what: `${what}, in hex`, bytes: Buffer.from(bytes.toString('hex')) },
    { what: `${what}, in upper case hex`, bytes: Buffer.from(bytes.toString('hex').toUpperCase()) },
    { what: `${what}, in base64`, bytes: Buffer.from(withoutPadding) },
    { what: `${what}, in base64url`, bytes: Buffer.from(bytes.toString('base64url')) },
  ]
}

/** Which of the needles occur in the haystack. */
export function found(needles: Needle[], haystack: Buffer): string[] {
  return needles.filter(({ bytes }) => haystack.includes(bytes)).map(({ what }) => what)
}
