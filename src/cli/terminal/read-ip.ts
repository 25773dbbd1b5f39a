import { InvalidArgumentError } from 'commander'
import { readForwardedAddress } from '../../lib/ip.ts'

/** Reads an IP address as a log or a proxy may have written it, in the form in which it is kept. */
export function readIp(text: string): string {
  const address = readForwardedAddress(text)
  if (address === undefined) throw new InvalidArgumentError('It must be an IP address.')
  return address
}
