import type { FastifyRequest } from 'fastify'

const maxPathLength = 2048

/** A path of ours, for a browser to be sent back to; `undefined` for anything else, such as what begins with `//`. */
export function readBack(path: string): string | undefined {
  const isOurs = path.length <= maxPathLength && /^\/(?![/\\])[!-[\]-~]*$/.test(path)
  return isOurs ? path : undefined
}

/**
 * The path that opens the page of a request again: that of the page which its route names, as routes of forms do; its own
 * where it was opened. `undefined` where there is none.
 */
export function wayBack({ method, url, routeOptions, server }: FastifyRequest): string | undefined {
  const { page } = routeOptions.config
  if (page !== undefined) return page
  if (method === 'GET' || method === 'HEAD') return readBack(url)
  const isOpened = routeOptions.url !== undefined && server.hasRoute({ method: 'GET', url: routeOptions.url })
  return isOpened ? readBack(url) : undefined
}
