import type { HookCallbacks } from 'node:async_hooks'
import { createRequire } from 'node:module'

/**
 * Has `node:test` follow callbacks alone, and not every promise, to the test that they belong to: that took half of the
 * time of what the suite does. A rejection that nobody handles still fails its run, but is told at the end of it; a file
 * that is run without this names its test, too. Loaded with `--import`, before `node:test` is.
 */
const hooks = createRequire(import.meta.url)('node:async_hooks')
const { createHook } = hooks
hooks.createHook = (callbacks: HookCallbacks) => {
  hooks.createHook = createHook
  return createHook({ ...callbacks, trackPromises: false })
}
