import type { RealmContext } from '../../core/context.ts'
import type { JobHandlers } from './handlers.ts'

/** Has every realm's jobs done by the handlers of that realm, which all do the same kinds. */
export function handlersByRealm(handlers: ReadonlyMap<string, JobHandlers>): JobHandlers {
  const [some] = handlers.values()
  const kinds = Object.keys(some ?? {}) as (keyof JobHandlers)[]
  const handOn = (kind: keyof JobHandlers) => async (ctx: RealmContext, payload: unknown, id: string) => {
    const handler = handlers.get(ctx.realm.name)?.[kind] as UnknownHandler | undefined
    if (!handler) throw new Error(`there is no realm ${ctx.realm.name}`)
    await handler(ctx, payload, id)
  }
  return Object.fromEntries(kinds.map((kind) => [kind, handOn(kind)])) as unknown as JobHandlers
}

type UnknownHandler = (ctx: RealmContext, payload: unknown, id: string) => Promise<void>
