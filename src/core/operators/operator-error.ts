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
  /** What they ask for cannot be; `message` says why, in a sentence of ours. */
  | 'refused'
  | 'last_owner'
  | 'invitation_invalid'
  | 'token_invalid'

/** The only error that use-cases of operators throw on purpose, beside those of the core. */
export class OperatorError extends Error {
  readonly code: OperatorErrorCode

  /** `message` is for the operator; nothing in it is theirs alone to see. */
  constructor(code: OperatorErrorCode, message: string = code) {
    super(message)
    this.name = 'OperatorError'
    this.code = code
  }
}
