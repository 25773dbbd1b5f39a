import { addressBlock } from '../lib/ip.ts'

/** Makes of a key what is counted. Keys name people, so they are not kept in clear. */
export type HashKey = (key: string) => string

/**
 * Hashes keys with `mac`, which must have a secret of the server's in it: IPs and e-mail addresses could
 * otherwise be found by trying all of them. A key that begins with an IPv6 address counts for its whole /64.
 */
export function hashKeys(mac: (key: string) => Buffer): HashKey {
  return (key) => {
    const [address = '', ...rest] = key.split(' ')
    return mac([addressBlock(address), ...rest].join(' ')).toString('base64url')
  }
}
