import type { App } from './types.ts'

/** An app that is made when it is first asked for: hundreds of realms start quickly, and cost no memory unused. */
export interface AppOnDemand {
  /** The app, once it can serve. */
  readonly opened: App | undefined
  /** Makes it, if nobody has. */
  open(): Promise<App>
  /** Ends it, if it was made. */
  close(): Promise<void>
}

/** Has `make` called once, when the app is first wanted; again after it has failed. */
export function appOnDemand(make: () => Promise<App>): AppOnDemand {
  let opened: App | undefined
  let opening: Promise<App> | undefined
  const open = async () => {
    const app = await make()
    await app.ready()
    opened = app
    return app
  }
  return {
    get opened() {
      return opened
    },
    open: () => {
      opening ??= open().catch((error) => {
        opening = undefined
        throw error
      })
      return opening
    },
    close: async () => {
      const app = await opening?.catch(() => undefined)
      await app?.close()
    },
  }
}
