import type { Context } from '../context.ts'
import { type ErrorCode, isRefusal } from '../errors.ts'
import { consumePerIp, refundUses } from './account-limits.ts'
import { limits } from './limits.ts'

const takenCodes: ErrorCode[] = ['username_taken', 'email_taken', 'phone_taken']

/**
 * Runs what may answer that something is taken, and leaves it counted when it does. It is counted first, so that
 * concurrent requests learn no more; so `work` must be short. Throws `rate_limited`.
 */
export async function countProbe<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  const uses = await consumePerIp(ctx, [{ rule: limits.existenceProbesPerIp }])
  const result = await work().catch(async (error) => {
    if (!takenCodes.some((code) => isRefusal(error, code))) await refundUses(ctx, uses)
    throw error
  })
  await refundUses(ctx, uses)
  return result
}
