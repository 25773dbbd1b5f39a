import { isLoopback, readAddress } from '../../lib/ip.ts'
import { isText } from './values.ts'

/** How many an account takes along: those of its last sign-ins are enough for its owner to be known. */
const maxAddresses = 5

/** The first IPs of a list, each once and as it is compared; what people do not come from is dropped. */
export function readKnownAddresses(given: unknown, dropped: string[]): string[] {
  if (!Array.isArray(given)) return []
  const read = new Set<string>()
  for (const each of given) {
    const address = isText(each) ? readAddress(each) : undefined
    if (address === undefined || !isForeign(address)) dropped.push('known address: not one of a person')
    else read.add(address)
  }
  return [...read].slice(0, maxAddresses)
}

/** Those that an account with these takes along, the latest first. */
export function leavingAddresses(latestFirst: string[]): string[] {
  return [...new Set(latestFirst.filter(isForeign))].slice(0, maxAddresses)
}

/** Whether it is of another machine: a server behind a proxy that it does not know sees its own in place of everybody's. */
function isForeign(address: string): boolean {
  return !isLoopback(address) && address !== '0.0.0.0' && address !== '::'
}
