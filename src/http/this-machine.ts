import type { FastifyRequest } from 'fastify'
import { isLoopback, readForwardedAddress } from '../lib/ip.ts'

/** Entries of all headers together; a request that names more is not taken for one of this machine. */
const maxEntries = 32

/** What proxies say in them of whom they speak for. */
const senderHeaders = [
  'x-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]

/**
 * Whether a request is of this machine: by its peer, by whomever that one speaks for in any forwarding header (a tunnel
 * ends on this machine too), and by every name that was asked for (a page elsewhere can make its own name point here).
 */
export function isForThisMachine({ socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): boolean {
  const forwarded = listOf(headers.forwarded)
  const senders = [
    socket.remoteAddress ?? '',
    ...senderHeaders.flatMap((name) => listOf(headers[name])),
    ...forwarded.map((element) => parameterOf(element, 'for') ?? ''),
  ]
  const hosts = [
    headers.host ?? '',
    ...listOf(headers['x-forwarded-host']),
    ...forwarded.flatMap((element) => parameterOf(element, 'host') ?? []),
  ]
  if (senders.length + hosts.length > maxEntries) return false
  return senders.every(isOfThisMachine) && hosts.every(isNameOfThisMachine)
}

function listOf(header: string | string[] | undefined): string[] {
  return header === undefined ? [] : [header].flat().join(',').split(',')
}

/** Of an element of `Forwarded` (RFC 7239 §4). */
function parameterOf(element: string, name: 'for' | 'host'): string | undefined {
  const pairs = element.split(';').map((pair) => pair.split('='))
  return pairs.find(([key = '']) => key.trim().toLowerCase() === name)?.[1]
}

function isOfThisMachine(sender: string): boolean {
  const address = readForwardedAddress(sender)
  return address !== undefined && isLoopback(address)
}

function isNameOfThisMachine(text: string): boolean {
  const host = text.trim().replace(/^"(.*)"$/, '$1')
  return isLoopback(host.replace(/:\d{1,5}$/, ''))
}
