import { createDecipheriv, hkdfSync } from 'node:crypto'
import type { JsonObject } from '../read/entry.ts'
import { asBase64 } from '../values/bytes.ts'
import { asObject } from '../values/object.ts'

/** A text that a project keeps encrypted, or plain. */
export type StoredText = { text: string } | { isEncrypted: true }

/**
 * The text of a column that a project may encrypt at rest: AES-256-GCM under a key that HKDF-SHA256 makes of the project's
 * and the id of the row (`internal/crypto` of supabase/auth). Without the right key it stays encrypted. `undefined` when
 * there is none.
 */
export function readStoredText(
  value: unknown,
  rowId: string,
  key: string | undefined,
): StoredText | undefined {
  const sealed = asObject(value)
  if (sealed) return open(sealed, rowId, key) ?? { isEncrypted: true }
  return typeof value === 'string' && value !== '' ? { text: value } : undefined
}

const tagBytes = 16

function open(sealed: JsonObject, rowId: string, keyText = ''): StoredText | undefined {
  const [key, nonce, data] = [asBase64(keyText), asBase64(sealed.nonce), asBase64(sealed.data)]
  if (sealed.alg !== 'aes-gcm-hkdf' || key?.length !== 32 || nonce?.length !== 12) return undefined
  if (!data || data.length <= tagBytes) return undefined
  const rowKey = Buffer.from(hkdfSync('sha256', key, '', rowId, 32))
  const decipher = createDecipheriv('aes-256-gcm', rowKey, nonce, { authTagLength: tagBytes })
  decipher.setAuthTag(data.subarray(-tagBytes))
  try {
    return {
      text: Buffer.concat([decipher.update(data.subarray(0, -tagBytes)), decipher.final()]).toString(),
    }
  } catch {
    return undefined
  }
}
