import { registerHooks } from 'node:module'

/** Imported before the tests of doors that lie outside: what they import of this repository is this one's. */
registerHooks({
  resolve: (name, context, next) =>
    next(name, name.startsWith('manydoors/') ? { ...context, parentURL: import.meta.url } : context),
})
