import type { KnownHere } from '../../core/switching/known-here.ts'
import type { PasswordAnswer, UpstreamFailure, UpstreamProfile } from '../../core/switching/upstream.ts'
import type { AskedStep, ExaminationFinding, Step } from '../../upstream/examination.ts'
import { alignColumns } from '../terminal/print.ts'
import type { ConfiguredOldServer } from './configured-old-server.ts'

const stepNames: Record<Step, string> = {
  right: 'the right password',
  wrong: 'a wrong password',
  unknown: 'a name that is unknown there',
  right_again: 'the right password again',
}

/** What was asked and understood, for programs: of the person no more than which fields are known. */
export function presentAsked({ step, answer, milliseconds }: AskedStep): Record<string, unknown> {
  const { outcome } = answer
  if (outcome === 'right') return { step, outcome, understood: understoodOf(answer), milliseconds }
  return { step, ...answer, milliseconds }
}

interface Checked {
  asked: AskedStep[]
  findings: ExaminationFinding[]
  /** Where the old server knows the password. */
  here?: KnownHere
  works: boolean
  /** Epoch milliseconds. */
  now: number
}

/** What `switching check` prints for people: what was understood of each answer, and what to do. */
export function checkLines(
  { realm, dialect, switching }: ConfiguredOldServer,
  { asked, findings, here, works, now }: Checked,
): string[] {
  const { upstream, timeoutSeconds } = switching
  const slowest = Math.max(...asked.map(({ milliseconds }) => milliseconds))
  return [
    `${upstream}, asked for ${dialect} of realm ${realm}:`,
    ...alignColumns(rowsOf(asked)),
    ...(asked[0]?.answer.outcome === 'right' ? [lineText(upstream)] : []),
    `The slowest answer took ${slowest} ms; it may take ${timeoutSeconds * 1000}.`,
    ...findings.map((finding) => findingText(finding, switching)),
    ...(here ? [hereTexts[here]] : []),
    ...settingLines(switching, now),
    works ? 'Sign-ins would work.' : 'Sign-ins would not work.',
  ]
}

/** A row for each step, and for what is answered the same again and again, with the slowest time. */
function rowsOf(asked: AskedStep[]): string[][] {
  const groups: { step: Step; text: string; times: number[] }[] = []
  for (const { step, answer, milliseconds } of asked) {
    const [last, text] = [groups.at(-1), answerText(answer)]
    if (last?.step === step && last.text === text) last.times.push(milliseconds)
    else groups.push({ step, text, times: [milliseconds] })
  }
  return groups.map(({ step, text, times }) => [
    `  ${stepNames[step]}${times.length > 1 ? `, ${times.length} times` : ''}`,
    text,
    `${Math.max(...times)} ms`,
  ])
}

function answerText(answer: PasswordAnswer): string {
  if (answer.outcome === 'right')
    return `right: ${understoodOf(answer).join(', ') || 'and nothing of the person'}`
  if (answer.outcome === 'wrong') return 'wrong'
  if (answer.outcome === 'failed') {
    const status = answer.status === undefined ? '' : ` (status ${answer.status})`
    return `${failures[answer.why]}${status}`
  }
  const { retryAfterSeconds: seconds } = answer
  return `has had enough (429)${seconds === undefined ? '' : `, again in ${seconds} s`}`
}

function understoodOf({
  profile,
  secondFactor,
  isUnconfirmed,
}: Extract<PasswordAnswer, { outcome: 'right' }>): string[] {
  const { emailVerified, phoneVerified, ...fields } = profile
  return [
    ...(Object.keys(fields) as (keyof UpstreamProfile)[]),
    ...(emailVerified === undefined ? [] : [emailVerified ? 'email is proven' : 'email is not proven']),
    ...(phoneVerified === undefined ? [] : [phoneVerified ? 'phone is proven' : 'phone is not proven']),
    ...(secondFactor ? ['a second factor is next'] : []),
    ...(isUnconfirmed ? ['the address is to be confirmed first'] : []),
  ]
}

function lineText(upstream: string): string {
  return upstream.startsWith('https:')
    ? 'Its certificate is good, and its address may be asked.'
    : 'It is on this machine itself, so without TLS.'
}

const failures: Record<UpstreamFailure, string> = {
  unreachable: 'no connection',
  broken_off: 'the connection broke off',
  timed_out: 'no answer in time',
  insecure: 'its certificate is not good',
  forbidden_address: 'its name leads to a private address: `allowPrivate`, if that is meant',
  redirected: 'it points elsewhere: `upstream` must be where it points to',
  too_large: 'an answer that is too large',
  unreadable: 'an answer that is no JSON',
  server_error: 'it says that something is wrong with it',
  unexpected: 'an answer that is not in its contract',
  resting: 'left alone, as it has failed too often',
}

function settingLines({ verify, until }: ConfiguredOldServer['switching'], now: number): string[] {
  if (verify === 'off') return ['`verify` is off, so sign-ins do not ask it yet.']
  return until !== undefined && until <= now ? ['`until` is over, so sign-ins do not ask it any more.'] : []
}

const hereTexts: Record<KnownHere, string> = {
  unknown: 'Nobody has that name here yet: import the account, marked with `--pending`.',
  disabled: 'The account is disabled here.',
  other_account:
    'The account here has another id than the old server says, so it would not be let in: import it with the id that the old server answers with.',
  pending: 'The account here waits for this old server.',
  pending_elsewhere:
    'The account here waits for the old server of another door, so this one is not asked for it.',
  own: 'The account has a password here already, so the old server is not asked for it.',
  imported:
    'The account has an imported hash here, so the old server is asked for it with `authority: old` alone.',
  none: 'The account has no password here and waits for no old server: its owner sets one by mail.',
}

function findingText(
  finding: ExaminationFinding,
  { forwardAddress }: ConfiguredOldServer['switching'],
): string {
  switch (finding) {
    case 'right_called_wrong':
      return 'It calls the password wrong. Is it typed well, and is the account one of this door?'
    case 'right_not_understood':
      return 'It cannot be asked for a right password.'
    case 'right_without_profile':
      return 'It does not say whose the password is: accounts that have an id of another system are not let in.'
    case 'wrong_not_understood':
      return 'It cannot be asked for a wrong password.'
    case 'unknown_not_understood':
      return 'It cannot be asked for a name that it does not know.'
    case 'wrong_called_right':
      return 'It takes a WRONG password for right: do not switch with this.'
    case 'unknown_called_right':
      return 'It takes any password of an unknown name for right: do not switch with this.'
    case 'busy_at_once':
      return 'Its limit is used up: wait, or have it make an exception for this server.'
    case 'limited_together':
      return `Its limit counts all that this server asks together, so few wrong passwords lock everybody out. ${remedy(forwardAddress)}`
    case 'limited_by_account':
      return 'Its limit counts wrong passwords of one account, and leaves other accounts alone.'
  }
}

function remedy(forwardAddress: boolean): string {
  return forwardAddress
    ? 'It has to trust X-Forwarded-For of this server, or make an exception for it.'
    : 'Set `forwardAddress` and have it trust X-Forwarded-For of this server, or have it make an exception for it.'
}
