import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  type ListedDevice,
  removeTrustedDevice,
  removeTrustedDevices,
} from '../../core/self-service/trusted-devices.ts'
import type { App } from '../../http/types.ts'
import { textsFor } from '../texts.ts'
import { deviceText } from './device-text.ts'
import { dateFor } from './reader.ts'
import { goOn } from './send.ts'

const page = '/ui/account/security'
/** What is no id names no device, and a database takes no zero character to look for. */
const DevicePath = z.object({ id: z.guid().catch('') })

/** Takes trust from browsers: no proof is asked for, as that gives nothing. */
export function trustedDeviceRoutes(scope: App): void {
  scope.post(
    '/ui/account/trusted-devices/:id/remove',
    { schema: { params: DevicePath }, config: { page } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      await removeTrustedDevice(ctx, caller, request.params.id)
      return goOn(request, reply, page, { text: 'trustedDeviceRemoved' })
    },
  )

  scope.post('/ui/account/trusted-devices/remove-all', { config: { page } }, async (request, reply) => {
    await removeTrustedDevices(request.person.ctx, request.person.caller)
    return goOn(request, reply, page, { text: 'trustedDevicesRemoved' })
  })
}

/** A trusted device as the page shows it. */
export function presentTrustedDevice({ trusted, isHere }: ListedDevice, request: FastifyRequest) {
  const { id, device, created_at: since, expires_at: until } = trusted
  return {
    id,
    name: deviceText(device === null ? {} : JSON.parse(device), textsFor(request)),
    since: dateFor(request, since),
    until: dateFor(request, until),
    isHere,
  }
}
