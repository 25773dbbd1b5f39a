/** A session that a token proves, and which generation of its refresh token. */
export interface SessionProof {
  sessionId: string
  generation: number
  /** The id of the master key that the token was made under, when it is a refresh token. */
  masterKeyId?: string
}

export interface AccessClaims extends SessionProof {
  /** The client that it was issued to. */
  clientId: string
  /** Epoch milliseconds. */
  expiresAt: number
}
