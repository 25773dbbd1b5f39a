/**
 * Refreshes of this node of which the database did not say in time what became of them. Nobody was given a successor,
 * so each is undone as soon as the database answers: the token that was shown is the newest one again.
 */
export interface InDoubtRefreshes {
  /** Whether the outcome of a session's last refresh is still not known. */
  has(sessionId: string): boolean
  /** Tries to undo it until the database takes that. */
  add(sessionId: string, undo: () => Promise<unknown>): void
  /** Lets it stand, as somebody is given the successor after all. Returns whether it was there. */
  delete(sessionId: string): boolean
  /** Tries no more. */
  stop(): void
}

/** Between two attempts. */
const pauseMs = 2_000
/** Sessions; those of a longer outage are let go. */
const maxSessions = 10_000

export function createInDoubtRefreshes(): InDoubtRefreshes {
  const undos = new Map<string, () => Promise<unknown>>()
  let timer: NodeJS.Timeout | undefined

  const tryIn = (milliseconds: number) => {
    timer = setTimeout(tryAll, milliseconds)
    timer.unref()
  }
  const tryAll = async () => {
    for (const [sessionId, undo] of undos) {
      try {
        await undo()
      } catch {
        break
      }
      // Unless another refresh of it has failed meanwhile.
      if (undos.get(sessionId) === undo) undos.delete(sessionId)
    }
    if (undos.size > 0) tryIn(pauseMs)
    else timer = undefined
  }

  return {
    has: (sessionId) => undos.has(sessionId),
    add: (sessionId, undo) => {
      if (undos.size >= maxSessions) return
      const earlier = undos.get(sessionId)
      undos.set(sessionId, earlier ? () => earlier().then(undo) : undo)
      if (!timer) tryIn(0)
    },
    delete: (sessionId) => undos.delete(sessionId),
    stop: () => {
      clearTimeout(timer)
      undos.clear()
    },
  }
}
