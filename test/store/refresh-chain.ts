import assert from 'node:assert/strict'
import { register, type Target, type TestDoor, type Tokens } from '../harness/doors.ts'
import { claimsOf } from '../harness/harness.ts'

/** How long minbil lets a replaced token be repeated: contracts/README.md, rule 14. */
const graceWindow = 10_000

/** One client that refreshes with its newest token, again and again, and repeats it when no answer came. */
export interface Chain {
  door: TestDoor
  /** Every refresh token that an answer brought, oldest first. */
  history: string[]
  /** The newest tokens. */
  tokens: Tokens
  /** Opens another session. */
  signIn(target: Target): Promise<void>
  /** When the newest was first presented, if no answer to that came yet; epoch milliseconds. */
  unansweredSince: number | undefined
  /** How often it was signed out because the program was away for longer than minbil's window. */
  lapses: number
}

/** Signs somebody up and in. */
export async function openChain(target: Target, door: TestDoor): Promise<Chain> {
  const person = await register(target)
  const chain: Chain = {
    door,
    history: [],
    tokens: { access: '', refresh: '' },
    unansweredSince: undefined,
    lapses: 0,
    signIn: async (target) => {
      chain.history = []
      accept(chain, door.tokensOf(await door.signIn(target, person)))
    },
  }
  await chain.signIn(target)
  return chain
}

/**
 * Presents the newest token. The answer must be its one successor, whether it was presented before without an answer
 * or not. Throws when no answer comes.
 */
export async function turn(target: Target, chain: Chain): Promise<void> {
  const { door, tokens } = chain
  chain.unansweredSince ??= Date.now()
  const answer = await door.refresh(target, tokens.refresh)
  const isLate = Date.now() - chain.unansweredSince > graceWindow
  // A restart can be slower than minbil's window: then a repetition is theft, by contract.
  if (isLate && door.name === 'minbil' && answer.status === 401) {
    chain.lapses++
    return chain.signIn(target)
  }

  const next = door.tokensOf(answer)
  assert.ok(!chain.history.includes(next.refresh), 'a token was given twice')
  assert.equal(generationOf(next), generationOf(tokens) + 1)
  accept(chain, next)
}

/** Checks that a token from the chain's past is refused as often as it is sent, and that it ends the session. */
export async function assertPastIsOver(target: Target, chain: Chain, age: number): Promise<void> {
  const old = chain.history.at(-1 - age) ?? assert.fail(`there is no token of age ${age}`)
  const { door, tokens } = chain
  for (const token of [old, old, tokens.refresh])
    assert.equal((await door.refresh(target, token)).status, 401, `${door.name}, age ${age}`)
}

function accept(chain: Chain, tokens: Tokens): void {
  chain.tokens = tokens
  chain.history.push(tokens.refresh)
  chain.unansweredSince = undefined
}

function generationOf({ access }: Tokens): number {
  return claimsOf(access).gen
}
