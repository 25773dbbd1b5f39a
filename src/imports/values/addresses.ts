import { readAddress } from '../../lib/ip.ts'
import { asText } from './text.ts'

/** The IPs among these values, in their order; what is none is left out, as most systems keep any text there. */
export function asAddresses(values: unknown[]): string[] {
  // PostgreSQL may write an `inet` with the length of its prefix.
  return values.flatMap((value) => readAddress(asText(value)?.replace(/\/(32|128)$/, '') ?? '') ?? [])
}
