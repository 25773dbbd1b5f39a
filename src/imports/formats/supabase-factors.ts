import type { ImportedTotp } from '../../core/imports/neutral.ts'
import type { Columns } from '../tables/columns.ts'
import { totpOf } from '../tables/totp.ts'
import { asBase32 } from '../values/bytes.ts'
import { readStoredText } from './supabase-encryption.ts'

/** The authenticators of a user's factors that are verified; what else there is, is told to `drop`. */
export function readFactors(
  factors: Columns[],
  { key, drop }: { key: string | undefined; drop(reason: string): void },
): ImportedTotp[] | undefined {
  const totp = factors.flatMap((factor) => {
    if (factor.text('status') !== 'verified') return []
    const type = factor.text('factorType') ?? ''
    const kind = kinds.has(type) ? type : 'of an unknown kind'
    const stored = readStoredText(factor.value('secret'), factor.text('id') ?? '', key)
    const secret = stored && 'text' in stored ? asBase32(stored.text) : undefined
    if (kind === 'totp' && secret) return totpOf(secret, nameOf(factor))
    drop(
      kind === 'totp'
        ? `totp: ${stored && !('text' in stored) ? 'encrypted' : 'damaged'}`
        : `second factor: ${kind}`,
    )
    return []
  })
  return totp.length > 0 ? totp : undefined
}

const kinds = new Set(['totp', 'phone', 'webauthn'])

function nameOf(factor: Columns): { name?: string } {
  const name = factor.text('friendlyName')
  return name === undefined ? {} : { name }
}
