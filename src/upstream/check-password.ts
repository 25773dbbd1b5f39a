import type { PasswordQuestion } from '../core/switching/old-server.ts'
import { type Ask, type PasswordAnswer, type Upstream, UpstreamTrouble } from '../core/switching/upstream.ts'
import { createExchange, type TimeLimit } from './exchange.ts'
import type { Line } from './line.ts'
import { tidyProfile } from './profile.ts'

/** The time is from when a password's turn has come until its answer. */
export interface CheckSettings extends TimeLimit {
  /** What is the dialect's of it. */
  upstream: Upstream
  /** Whether the old server is told for whose address it is asked. */
  forwardAddress: boolean
}

/** A refresh token that an old server is asked for. */
export interface RefreshQuestion {
  refreshToken: string
  /** The client that shows it. */
  clientId: string
  /** Of whoever asks. */
  address?: string
}

export interface Checked {
  answer: PasswordAnswer
  /** Ends the session that the old server has opened. */
  signOut?: () => Promise<void>
}

/** Has the old server asked by its dialect, once. Throws nothing: whatever goes wrong is an answer in words of ours. */
export async function checkPassword(
  line: Line,
  { upstream, forwardAddress, timeoutMs, expire }: CheckSettings,
  question: PasswordQuestion | RefreshQuestion,
): Promise<Checked> {
  const address = forwardAddress ? question.address : undefined
  const exchange = createExchange(line, { timeoutMs, expire, address })
  try {
    const { signOut, ...answer } = await answerTo(upstream, exchange.ask, question)
    if (answer.outcome !== 'right') return { answer }
    const end = async () => {
      // The password may have taken all the time that there was.
      exchange.extend()
      await signOut?.()
    }
    return { answer: { ...answer, profile: tidyProfile(answer.profile) }, ...(signOut && { signOut: end }) }
  } catch (error) {
    // What a dialect stumbles over in an answer may be in its error, which is not for a log.
    return {
      answer: error instanceof UpstreamTrouble ? error.answer : { outcome: 'failed', why: 'unexpected' },
    }
  }
}

async function answerTo(
  { checkPassword, refresh }: Upstream,
  ask: Ask,
  question: PasswordQuestion | RefreshQuestion,
): ReturnType<Upstream['checkPassword']> {
  if (!('refreshToken' in question)) return checkPassword(ask, question.identifier, question.password)
  return refresh?.(ask, question) ?? { outcome: 'failed', why: 'unexpected' }
}

const maxIdentifierLength = 1_000
const maxPasswordLength = 4_096

/**
 * Whether it can be sent as it is. What cannot is nobody's: a half character would arrive as another one, and a NUL makes
 * some servers fail.
 */
export function isSendable({ identifier, password }: PasswordQuestion): boolean {
  const [name = ''] = Object.values(identifier)
  if (name.length > maxIdentifierLength || password.length > maxPasswordLength) return false
  return isText(name) && isText(password) && !/\p{Cc}/u.test(name)
}

function isText(text: string): boolean {
  return text !== '' && text.isWellFormed() && !text.includes('\0')
}
