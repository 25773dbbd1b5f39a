import { verify } from '@node-rs/argon2'
import { readBase64 } from '../base64.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { isWithin, readCount } from '../parameters.ts'

/** What a hash may cost: as much as one of our own. */
const max = { memoryKib: 256 * 1024, passes: 16, lanes: 16 }

/** The least that the algorithm is made for. */
const minSaltBytes = 8
const minDigestBytes = 16

/** 19 MiB twice take 12 ms. */
const msPerKibAndPass = 12 / (19 * 1024 * 2)

/** Reads PHC strings of argon2id, argon2i and argon2d: `$argon2id$v=19$m=…,t=…,p=…$salt$digest`, also of version 1.0. */
export function readArgon2(text: string): ForeignHash {
  const parts =
    /^\$(argon2(?:id|i|d))\$(?:v=(?:16|19)\$)?m=(\d{1,12}),t=(\d{1,12}),p=(\d{1,12})((?:,[^$]*)?)\$([^$]*)\$([^$]*)$/
  const [, kind, memory, time, parallelism, more, salt = '', digest = ''] = parts.exec(text) ?? []
  if (kind === undefined) throw new UnusableHash('a damaged argon2')
  if (more) throw new UnusableHash(`${kind} with a key or data of its own`)
  const memoryKib = readCount(memory)
  const passes = readCount(time)
  const lanes = readCount(parallelism)
  const isAffordable =
    isWithin(passes, 1, max.passes) &&
    isWithin(lanes, 1, max.lanes) &&
    isWithin(memoryKib, 8 * lanes, max.memoryKib)
  if (!isAffordable) throw new UnusableHash(`${kind} of m=${memory}, t=${time}, p=${parallelism}`)
  if (lengthOf(salt) < minSaltBytes || lengthOf(digest) < minDigestBytes)
    throw new UnusableHash(`a damaged ${kind}`)

  return {
    label: `${kind} m=${memoryKib},t=${passes},p=${lanes}`,
    costMs: memoryKib * passes * msPerKibAndPass,
    runsOn: 'pool',
    isFast: false,
    matches: async (password) => password !== '' && verify(text, password),
  }
}

/** Of what an unpadded base64 text stands for; 0 when it is none. */
function lengthOf(text: string): number {
  return /^[A-Za-z0-9+/]*$/.test(text) ? (readBase64(text)?.length ?? 0) : 0
}
