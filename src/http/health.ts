import type { App } from './app.ts'

export interface HealthOptions {
  /** Asks the database; throws when it does not answer. */
  pingDatabase(): Promise<void>
  /** Whether the server still takes requests. */
  isOpen(): boolean
}

/** `/healthz`: the process answers. `/readyz`: it can serve, so its database answers too. */
export function mountHealth(app: App, { pingDatabase }: HealthOptions): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async () => {
    await pingDatabase()
    return { status: 'ok' }
  })
}
