import type { App } from './types.ts'

export interface HealthOptions {
  /** Asks the database; throws when it does not answer. */
  pingDatabase(): Promise<void>
  /** Whether the server still takes requests. */
  isOpen(): boolean
}

/**
 * `/healthz`: the process answers. `/readyz`: it can serve, so its database answers too. `OPTIONS` asks the same, as
 * HAProxy's `option httpchk` does unless it is told otherwise.
 */
export function mountHealth(app: App, { pingDatabase }: HealthOptions): void {
  const isAlive = async () => ({ status: 'ok' })
  const isReady = async () => {
    await pingDatabase()
    return { status: 'ok' }
  }
  app.route({ method: ['GET', 'OPTIONS'], url: '/healthz', handler: isAlive })
  app.route({ method: ['GET', 'OPTIONS'], url: '/readyz', handler: isReady })
}
