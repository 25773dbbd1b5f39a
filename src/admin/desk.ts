import type { AnyContext, Origin } from '../core/context.ts'
import { allows, type Capability } from '../core/operators/capabilities.ts'
import { OperatorError } from '../core/operators/operator-error.ts'
import type { Operator } from '../core/operators/operators.ts'
import type { AdminToken } from '../core/operators/tokens.ts'
import type { Means } from './means.ts'

/** Who asks for something to be done, or a program of theirs. */
export interface Asker {
  /** As in the audit trail. */
  actor: string
  name: string
  /** Whether they may do it, in that realm; without one, to the server. */
  may(capability: Capability, realm?: string): boolean
  /** Whether they may do what is dangerous now. */
  isProven: boolean
}

/** Where an operation is carried out. */
export interface Desk {
  asker: Asker
  means: Means
  /** The realm that it is about, or that of the operators where it is about the server; as whoever asks. */
  ctx: AnyContext & { origin: Origin }
}

/** An operator at a browser, which was proven to be theirs within the last ten minutes or not. */
export function askerOf(operator: Operator, isProven: boolean): Asker {
  return {
    actor: `operator:${operator.id}`,
    name: operator.name,
    may: (capability, realm) => allows(operator.role, capability) && isTheirs(operator, realm),
    isProven,
  }
}

/** A program that has shown a token: it does what the scopes of that name, one by one. */
export function askerOfToken(token: AdminToken): Asker {
  return {
    actor: `token:${token.id}`,
    name: token.name,
    may: (capability, realm) => token.scopes.includes(capability) && isTheirs(token, realm),
    isProven: true,
  }
}

/** What is about the server is not for those who are held to some realms. */
function isTheirs({ realms }: Pick<Operator, 'realms'>, realm: string | undefined): boolean {
  return realms === undefined || (realm !== undefined && realms.includes(realm))
}

/** The desk for a realm, or for the server where no realm is named. Throws `not_found` for a realm that there is not. */
export function deskFor(means: Means, asker: Asker, origin: Origin, realm?: string): Desk {
  const ctx = realm === undefined ? means.operators : means.realms.get(realm)
  if (!ctx) throw new OperatorError('not_found')
  return { asker, means, ctx: { ...ctx, origin, actor: asker.actor } }
}
