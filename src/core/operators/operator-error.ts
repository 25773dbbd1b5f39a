import { type Refusal, type RefusalReason, refusalText } from './refusals.ts'

/** Why an operator is refused. */
export type OperatorErrorCode =
  /** Their role or the scopes of the token do not have it, or the realm is not theirs. */
  | 'not_allowed'
  /** It is dangerous, and they have not shown within the last ten minutes who they are. */
  | 'proof_needed'
  /** There is no such thing, or no more. */
  | 'not_found'
  /** It is not as it was when they looked: somebody else was quicker. */
  | 'conflict'
  /** What they ask for cannot be; `refusal` says why. */
  | 'refused'
  | 'last_owner'
  | 'invitation_invalid'
  | 'token_invalid'

/** The only error that use-cases of operators throw on purpose, beside those of the core. */
export class OperatorError extends Error {
  readonly code: OperatorErrorCode
  /** Of `refused`; its sentence in English is the message. Nothing in it is the operator's alone to see. */
  readonly refusal: Refusal | undefined

  constructor(
    ...[code, reason, values = {}]:
      | [code: Exclude<OperatorErrorCode, 'refused'>]
      | [code: 'refused', reason: RefusalReason, values?: Refusal['values']]
  ) {
    const refusal = reason && { reason, values }
    super(refusal ? refusalText(refusal) : code)
    this.name = 'OperatorError'
    this.code = code
    this.refusal = refusal
  }
}
