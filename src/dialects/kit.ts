/**
 * What a door from outside is made of: `manydoors/dialect`, in version 1 (docs/dialects.md), a file a subject. What is
 * exported here keeps its name and its meaning for as long as the version stays.
 */

export * from './kit/accounts.ts'
export * from './kit/clients.ts'
export * from './kit/definition.ts'
export * from './kit/document.ts'
export * from './kit/errors.ts'
export * from './kit/factors.ts'
export * from './kit/managing.ts'
export * from './kit/new-names.ts'
export * from './kit/old-server.ts'
export * from './kit/passwords.ts'
export * from './kit/requests.ts'
export * from './kit/sessions.ts'
export * from './kit/settings.ts'
export * from './kit/sign-in.ts'
