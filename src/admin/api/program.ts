import type { FastifyRequest } from 'fastify'
import type { Context, RealmContext } from '../../core/context.ts'
import { limits } from '../../core/limits/limits.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import { findAdminToken } from '../../core/operators/tokens.ts'
import { bearerToken } from '../../http/bearer.ts'
import { originOf } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { type Asker, askerOfToken } from '../desk.ts'
import { ApiError } from './problem.ts'

/** A program that has shown a good token. */
interface Program {
  /** What it has shown. */
  token: string
  asker: Asker
  /** In the realm of the operators. */
  ctx: RealmContext & Pick<Context, 'origin'>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; on routes of the admin API alone. */
    program: Program
  }
}

/**
 * Opens the routes of a scope to programs with a token, before anything else of their request is looked at. Cookies count for
 * nothing: no page can have a browser ask in an operator's name.
 */
export function forPrograms(scope: App, ctx: RealmContext): void {
  scope.addHook('onRequest', async (request) => {
    await ctx.limiter.consume(limits.adminPerIp, request.clientAddress)
    request.program = await readProgram(ctx, request)
  })
  // Again once the body is there: the token may have been revoked while it came.
  scope.addHook('preHandler', async (request) => {
    if (request.body !== undefined) request.program = await readProgram(ctx, request)
  })
}

/** Throws `token_missing`, `token_invalid`, and `rate_limited` for an address that has shown too many wrong ones. */
async function readProgram(operators: RealmContext, request: FastifyRequest): Promise<Program> {
  const ctx = { ...operators, origin: originOf(request) }
  const token = bearerToken(request)
  if (token === undefined) throw new ApiError('token_missing')
  try {
    return { token, ctx, asker: askerOfToken(await findAdminToken(ctx, token)) }
  } catch (error) {
    if (error instanceof OperatorError) await ctx.limiter.consume(limits.adminTokensPerIp, ctx.origin.ip)
    throw error
  }
}
