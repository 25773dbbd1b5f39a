import type { Context, RealmContext } from '../../core/context.ts'
import type { Means } from '../means.ts'
import type { ConsolePages } from './render.ts'

/** What the pages of the console are made of. */
export interface ConsoleParts extends ConsolePages {
  /** The realm of the operators, at its door. */
  ctx: RealmContext & Pick<Context, 'door' | 'client'>
  means: Means
}
