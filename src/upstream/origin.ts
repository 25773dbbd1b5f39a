import { isIP } from 'node:net'
import { isLoopback } from '../lib/ip.ts'
import { isAllowedAddress } from '../lib/outward-addresses.ts'
import { hostOf } from '../lib/outward-request.ts'

/** What is wrong with the address that an old server is configured with; `undefined` when nothing is. */
export function originFault(text: string, { allowPrivate }: { allowPrivate: boolean }): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'must be an address such as https://old.example.com'
  if (url.username !== '' || url.password !== '') return 'must hold no password'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'must have nothing behind the host'
  const host = hostOf(url)
  if (url.protocol === 'http:' && !isLoopback(host))
    return 'must begin with https://, but for this machine itself'
  const rule = { allowPrivate, isOwnMachine: isLoopback(host) }
  if (isIP(host) !== 0 && !isAllowedAddress(host, rule)) return 'is an address to which no request may go'
  return undefined
}
