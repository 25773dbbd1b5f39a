import type { FastifyRequest } from 'fastify'
import { realmPath } from '../menu.ts'

export const routeOfClients = '/admin/realms/:realm/clients'
export const routeOfClient = `${routeOfClients}/:dialect/:client`

interface ClientParams {
  realm: string
  dialect: string
  client: string
}

/** The page with the apps of the realm that a request is about. */
export function clientsPath({ params }: FastifyRequest): string {
  return `${realmPath((params as ClientParams).realm)}/clients`
}

/** The page of an app of that realm: the one that the request names when none is given. */
export function clientPath(request: FastifyRequest, given?: { dialect: string; id: string }): string {
  const { dialect, client } = request.params as ClientParams
  const steps = given ? [given.dialect, given.id] : [dialect, client]
  return [clientsPath(request), ...steps.map(encodeURIComponent)].join('/')
}
