import { createHash } from 'node:crypto'
import { writeCryptBase64 } from '../crypt-base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { maxCryptBytes, repeatTo } from './sha-crypt.ts'

/** Fixed by the format. */
const rounds = 1000

/** Where the bytes of the digest stand in the text, three by three; the eleventh comes last. */
const order = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11]

/** Reads `$1$` of crypt(3) and `$apr1$` of Apache, which differ in that word alone. */
export function readMd5Crypt(text: string): ForeignHash {
  const [, parameters, digest] = /^\$((?:1|apr1)\$[^$]{0,8})\$([./A-Za-z0-9]{21}[./01])$/.exec(text) ?? []
  if (parameters === undefined || digest === undefined) throw new UnusableHash('a damaged md5-crypt')
  return hashOf(md5CryptFrom(parameters), Buffer.from(digest))
}

/** Of `1$` or `apr1$` and the salt. */
export function md5CryptFrom(parameters: string): Derivation {
  const [, word, salt] = /^(1|apr1)\$([!-#%-9;-~]{0,8})$/.exec(parameters) ?? []
  if (word === undefined || salt === undefined) throw new UnusableHash('a damaged md5-crypt')
  return {
    recipe: `md5-crypt$${parameters}`,
    label: word === '1' ? 'md5-crypt' : 'apr1',
    costMs: 2,
    runsOn: 'caller',
    isFast: true,
    digestOf: (password) => {
      const key = Buffer.from(password)
      return key.length > maxCryptBytes ? undefined : md5Crypt(key, word, Buffer.from(salt))
    },
  }
}

/** The digest as its text has it. */
function md5Crypt(key: Buffer, word: string, salt: Buffer): Buffer {
  const first = md5(key, salt, key)
  const bits = [...key.length.toString(2)].reverse()
  const oddities = bits.map((bit) => (bit === '1' ? Buffer.of(0) : key.subarray(0, 1)))
  let digest = md5(key, Buffer.from(`$${word}$`), salt, repeatTo(key.length, first), ...oddities)
  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1
    const middle = [...(round % 3 ? [salt] : []), ...(round % 7 ? [key] : [])]
    digest = md5(isOdd ? key : digest, ...middle, isOdd ? digest : key)
  }
  // Groups of three are written with their last byte as the lowest.
  return Buffer.from(writeInGroups(digest))
}

/** The digits of a digest in the order of the format. */
function writeInGroups(digest: Buffer): string {
  const moved = order.map((from) => digest[from] ?? 0)
  let text = ''
  for (let at = 0; at < moved.length; at += 3)
    text += writeCryptBase64(Buffer.from(moved.slice(at, at + 3).reverse()))
  return text
}

function md5(...parts: Buffer[]): Buffer {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
