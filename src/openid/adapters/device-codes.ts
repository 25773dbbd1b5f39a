import { createHash } from 'node:crypto'
import type { Adapter } from 'oidc-provider'
import { isRefusal } from '../../core/errors.ts'
import { limits } from '../../core/limits/limits.ts'
import { paths } from '../paths.ts'
import type { Protocol } from '../protocol.ts'
import { artifactAdapter } from './artifacts.ts'

const kind = 'DeviceCode'
/** How long a device is told that its code has expired, and not that there is none; seconds. */
const remembered = 10 * 60

/** Codes of devices: how often each is asked for, and how many user codes are guessed at, is limited. */
export function deviceCodeAdapter(protocol: Protocol): Adapter {
  const { ctx, current } = protocol
  const codes = artifactAdapter(protocol, kind)
  return {
    ...codes,

    // The library holds it to the end that it says itself.
    upsert: (id, payload, expiresIn) => codes.upsert(id, payload, (expiresIn ?? 0) + remembered),

    find: async (id) => {
      if (current()?.request.routeOptions.url === paths.token) await countPoll(protocol, id)
      return codes.find(id)
    },

    findByUserCode: async (userCode) => {
      const { ip } = current()?.origin ?? {}
      if (ip === undefined) return undefined
      // Before it is looked for, as of many at once each is a guess.
      await ctx.limiter.consume(limits.userCodesPerIp, ip)
      const found = await codes.findByUserCode(userCode)
      if (found) await ctx.limiter.refund(limits.userCodesPerIp, ip)
      return found
    },
  }
}

async function countPoll({ ctx, slowDown }: Protocol, deviceCode: string): Promise<void> {
  const key = createHash('sha256').update(deviceCode).digest('base64url')
  try {
    await ctx.limiter.consume(limits.pollsPerDevice, key)
  } catch (error) {
    throw isRefusal(error, 'rate_limited') ? slowDown() : error
  }
}
