import { lookup } from 'node:dns'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { type AddressRule, createLookup, type Resolve } from './outward-addresses.ts'

const maxHeaderBytes = 16 * 1024

/** Where a name leads, and whom to believe that it does. */
export interface OutwardMeans {
  /** `dns.lookup` when not given. */
  resolve?: Resolve
  /** Certificates to believe instead of the system's, as PEM. */
  ca?: string
}

/**
 * How every request of this server is made: to an address that the rule allows as the connection is made. Certificates are
 * checked whatever the environment says; no proxy is asked.
 */
export function outwardOptions(
  url: URL,
  rule: AddressRule,
  { resolve = lookup, ca }: OutwardMeans,
): RequestOptions {
  return {
    protocol: url.protocol,
    host: hostOf(url),
    port: url.port,
    lookup: createLookup(resolve, rule),
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false,
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
  }
}

/** The name or IP address in a URL, as connections are made to it. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/** Sends what a request is still to say, and waits for the head of its answer. */
export function responseTo(
  outgoing: ClientRequest,
  content: string | Buffer | undefined,
): Promise<IncomingMessage> {
  return new Promise((answered, fail) => {
    outgoing.once('response', answered)
    // Not once: what comes after the response has begun, and nobody listens to, would end the process.
    outgoing.on('error', fail)
    // An answer that is none, such as that another protocol is spoken from now on, is followed by neither.
    outgoing.once('close', () => fail(new Error('the connection ended without an answer')))
    outgoing.end(content)
  })
}
