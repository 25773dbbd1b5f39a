import type { RealmContext } from '../core/context.ts'
import type { OpenidInteractions } from '../core/openid/interactions.ts'
import type { MountedDialect } from '../http/dialect.ts'
import type { Assets } from './assets.ts'
import type { SendPage } from './render.ts'

/** What the hosted pages of a realm are made with. */
export interface PageParts {
  ctx: RealmContext
  /** The contexts of all dialects, by their names. */
  contextsByDialect: ReadonlyMap<string, MountedDialect['ctx']>
  /** The doors through which people may sign up on the hosted pages, where the realm has them at the time. */
  signUpDoors: ReadonlySet<string>
  sendPage: SendPage
  assets: Assets
  /** What the pages ask of OpenID Connect, where the realm has it. */
  openid?: OpenidInteractions | undefined
  /** Prefixes of the numbers that messages may be sent to; `+` alone allows all. */
  smsPrefixes: string[]
}
