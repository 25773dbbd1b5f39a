import type { Identifier } from '../core/accounts/identifiers.ts'
import type { PasswordQuestion } from '../core/switching/old-server.ts'
import type { PasswordAnswer } from '../core/switching/upstream.ts'
import type { OldServer } from './old-server.ts'

/** What an old server is asked for, in this order. */
export type Step = 'right' | 'wrong' | 'unknown' | 'right_again'

/** One question, and what was understood of its answer. */
export interface AskedStep {
  step: Step
  answer: PasswordAnswer
  milliseconds: number
}

export interface ExaminationInput {
  identifier: Identifier
  /** The right one. */
  password: string
  /** A name that the old server does not know, another one at each call. */
  unknown(): Identifier
  wrongPassword: string
  /** How often it is asked for the wrong one; beyond a limit of the account, with names that it does not know. */
  wrongs: number
  /** Whether each question is to be told as another person's, where the old server is told for whom it is asked. */
  forwardAddress: boolean
  /** Milliseconds that only go forward. */
  now(): number
}

/**
 * Asks an old server as sign-ins do: for a right password, for a wrong one again and again until it has had enough, for
 * names that it does not know, and for the right one once more. Ends early where what follows would say nothing.
 */
export async function examineOldServer(oldServer: OldServer, input: ExaminationInput): Promise<AskedStep[]> {
  const { identifier, password, unknown, wrongPassword, wrongs } = input
  const asked: AskedStep[] = []
  const ask = async (step: Step, question: PasswordQuestion) => {
    const address = input.forwardAddress ? documentationAddress(asked.length) : undefined
    const startedAt = input.now()
    const answer = await oldServer.checkPassword({ ...question, ...(address && { address }) })
    asked.push({ step, answer, milliseconds: Math.round(input.now() - startedAt) })
    return answer.outcome
  }

  if ((await ask('right', { identifier, password })) !== 'right') return asked
  for (let count = 0; count < wrongs; count++)
    if ((await ask('wrong', { identifier, password: wrongPassword })) !== 'wrong') break
  // A limit by address is wider than that of the account, and hidden behind it.
  do if ((await ask('unknown', { identifier: unknown(), password: wrongPassword })) !== 'wrong') break
  while (asked.length <= wrongs)
  await ask('right_again', { identifier, password })
  return asked
}

/** Of those that no machine has (RFC 5737). */
function documentationAddress(index: number): string {
  return `192.0.2.${1 + (index % 254)}`
}

/** What is wrong with an old server, or to be known of it. */
export type ExaminationFinding =
  /** It does not take the password for right that its owner has typed. */
  | 'right_called_wrong'
  /** It cannot be asked, or its answer is not understood: `why` of that step. */
  | 'right_not_understood'
  /** It does not say whose the password is. */
  | 'right_without_profile'
  | 'wrong_not_understood'
  | 'unknown_not_understood'
  /** It takes any password. */
  | 'wrong_called_right'
  | 'unknown_called_right'
  /** It had enough of us before it was asked for anything that was wrong. */
  | 'busy_at_once'
  /** It counts whatever this server asks together: one person's wrong passwords keep all others out. */
  | 'limited_together'
  /** It counts wrong passwords of one account, which is as it should be. */
  | 'limited_by_account'

const notes = new Set<ExaminationFinding>(['limited_by_account'])

/** Whether sign-ins would not work because of it. */
export function isProblem(finding: ExaminationFinding): boolean {
  return !notes.has(finding)
}

/** What the answers of an old server mean for sign-ins. */
export function findingsIn(asked: AskedStep[]): ExaminationFinding[] {
  const outcomesOf = (step: Step) =>
    asked.filter((each) => each.step === step).map(({ answer }) => answer.outcome)
  const first = asked.find(({ step }) => step === 'right')?.answer
  const right = first?.outcome
  if (right === 'wrong') return ['right_called_wrong']
  if (right === 'busy') return ['busy_at_once']
  if (first?.outcome !== 'right') return ['right_not_understood']

  const wrong = outcomesOf('wrong')
  const unknown = outcomesOf('unknown')
  const again = outcomesOf('right_again')
  const findings: ExaminationFinding[] = []
  if (first.isProfileMissing) findings.push('right_without_profile')
  if (wrong.includes('right')) findings.push('wrong_called_right')
  if (wrong.includes('failed')) findings.push('wrong_not_understood')
  if (unknown.includes('right')) findings.push('unknown_called_right')
  if (unknown.includes('failed')) findings.push('unknown_not_understood')
  if (unknown.includes('busy')) findings.push('limited_together')
  else if (wrong.includes('busy') || !again.includes('right')) findings.push('limited_by_account')
  return findings
}
