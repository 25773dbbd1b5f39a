import sjson from 'secure-json-parse'
import { z } from 'zod'
import type { ClaimValue } from '../core/hooks/claims.ts'
import { type HookAnswer, type HookRefusal, refusalCodes } from '../core/hooks/hook.ts'
import type { HookName } from '../core/hooks/settings.ts'
import type { Received } from './line.ts'

const maxBodyBytes = 16 * 1024
/** Of all claims together, as JSON: every access token carries them, and headers have an end. */
const maxClaimsBytes = 1_024

const text = z.string().max(256)
const claim: z.ZodType<ClaimValue> = z.union([text, z.number(), z.boolean(), z.array(text).max(32)])

/** Before a sign-up nobody has an address yet that a mail could prove. */
const codes: Record<HookName, readonly HookRefusal[]> = {
  beforeSignUp: refusalCodes.filter((code) => code !== 'email_unverified'),
  beforeSignIn: refusalCodes,
}

/** Reads what a hook answers. Whatever is not exactly as docs/hooks.md has it is no answer. */
export type ReadAnswer = (received: Received) => HookAnswer

/** A reader for one hook, which may add the claims of these names. */
export function answerReader(name: HookName, claims: readonly string[]): ReadAnswer {
  const own = new Set(claims)
  const added = z
    .record(
      z.string().refine((claim) => own.has(claim)),
      claim,
    )
    .refine((all) => Buffer.byteLength(JSON.stringify(all)) <= maxClaimsBytes)
  const answer = z.discriminatedUnion('decision', [
    z.strictObject({ decision: z.literal('allow'), ...(claims.length > 0 && { claims: added.optional() }) }),
    z.strictObject({ decision: z.literal('refuse'), code: z.enum(codes[name]).default('access_denied') }),
  ])
  return ({ status, body }) => {
    if (status >= 300 && status < 400) return none('redirected')
    if (status >= 500) return none('server_error')
    if (status !== 200) return none('unexpected')
    if (body.length > maxBodyBytes) return none('too_large')
    const json = readJson(body)
    if (json === undefined) return none('unreadable')
    const { data } = answer.safeParse(json)
    return (data as HookAnswer | undefined) ?? none('unexpected')
  }
}

function readJson(body: Buffer): unknown {
  try {
    // Names such as `__proto__` are refused.
    return sjson.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function none(why: Extract<HookAnswer, { decision: 'none' }>['why']): HookAnswer {
  return { decision: 'none', why }
}
