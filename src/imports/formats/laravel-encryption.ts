import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'

/** The keys in the text of `APP_KEY`, several of which are parted by commas; `undefined` when one is no key of AES. */
export function readAppKeys(text: string): Buffer[] | undefined {
  const keys = text
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)
    .map((key) => (key.startsWith('base64:') ? Buffer.from(key.slice(7), 'base64') : Buffer.from(key)))
  return keys.length > 0 && keys.every(({ length }) => length === 16 || length === 32) ? keys : undefined
}

/**
 * The text that Laravel's `encrypt()` has made `payload` of under one of the keys (AES in CBC with an HMAC, or in GCM);
 * `undefined` when none of them fits, or it is none of Laravel's.
 */
export function decryptLaravel(payload: string, keys: Buffer[]): string | undefined {
  const parts = readPayload(payload)
  if (!parts) return undefined
  for (const key of keys) {
    const plain = parts.tag ? openGcm(key, parts) : openCbc(key, parts)
    if (plain !== undefined) return textOfSerialized(plain)
  }
  return undefined
}

interface Payload {
  /** In base64, like the others. */
  iv: string
  value: string
  mac: string
  tag: string
}

function readPayload(payload: string): Payload | undefined {
  try {
    const { iv, value, mac = '', tag = '' } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
    return [iv, value, mac, tag].every((part) => typeof part === 'string')
      ? { iv, value, mac, tag }
      : undefined
  } catch {
    return undefined
  }
}

function openCbc(key: Buffer, { iv, value, mac }: Payload): string | undefined {
  const expected = createHmac('sha256', key)
    .update(iv + value)
    .digest()
  const given = Buffer.from(mac, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  try {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.from(iv, 'base64'))
    return decipher.update(value, 'base64', 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

function openGcm(key: Buffer, { iv, value, tag }: Payload): string | undefined {
  try {
    const decipher = createDecipheriv(
      key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm',
      key,
      Buffer.from(iv, 'base64'),
      { authTagLength: 16 },
    )
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    return decipher.update(value, 'base64', 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

/** `encrypt()` serializes what it is given, `encryptString()` does not; PHP's form of a text is read by its pattern. */
function textOfSerialized(plain: string): string {
  return /^s:\d+:"(.*)";$/s.exec(plain)?.[1] ?? plain
}
