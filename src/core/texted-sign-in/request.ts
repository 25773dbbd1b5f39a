import type { Context } from '../context.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { consumeText } from '../limits/text-limits.ts'
import { codeText } from '../recovery/texted-codes.ts'

/** A message whose code signs in whoever reads it. */
interface SignInText {
  /** E.164. */
  phone: string
  /** Whether it opens an account where nobody has the number. */
  opensAccount: boolean
  /** What such an account says of its person. */
  profile?: Record<string, unknown> | undefined
}

/**
 * Has a code sent to a number that signs in whoever reads it. Whether there is an account for it, the job finds out, so the
 * answer cannot tell. A country that is not allowed gets no message and the same answer. Returns the id of the message.
 * Throws `rate_limited`.
 */
export function requestSignInText(ctx: Context, wanted: SignInText): Promise<string> {
  return request(ctx, wanted)
}

/**
 * Has such a code sent again, as it was asked for; where none is good any more, to whoever has an account alone. Throws
 * `rate_limited`.
 */
export function requestSignInTextAgain(ctx: Context, phone: string): Promise<string> {
  return request(ctx, { phone, opensAccount: false, isRepeated: true })
}

async function request(
  ctx: Context,
  wanted: Pick<JobPayloads['sign-in-sms'], 'phone' | 'opensAccount' | 'profile' | 'isRepeated'>,
): Promise<string> {
  const isSpare = await consumeText(ctx, wanted.phone)
  return addJob(ctx, 'sign-in-sms', { ...wanted, ...codeText(ctx, wanted.phone, isSpare) })
}
