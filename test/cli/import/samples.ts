import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', '..', 'imports', 'samples')

/** A sample of a system's files, and what is said beside them. */
export interface Sample {
  format: string
  files: string[]
  options?: string[]
  env?: Record<string, string>
}

/** Every sample that has a password that can be used, under the name that PASSWORDS.json has for it. */
export const samples: Record<string, Sample> = {
  'supabase-users.csv': {
    format: 'supabase',
    files: ['supabase-users.csv', 'supabase-identities.csv', 'supabase-mfa_factors.csv'],
  },
  'supabase-users.json': { format: 'supabase', files: ['supabase-users.json'] },
  'supabase-dump.sql': { format: 'supabase', files: ['supabase-dump.sql'] },
  'auth0-users.ndjson': { format: 'auth0', files: ['auth0-users.ndjson', 'auth0-passwords.ndjson'] },
  'auth0-import.json': { format: 'auth0', files: ['auth0-import.json'] },
  'firebase-users.json': {
    format: 'firebase',
    files: ['firebase-users.json'],
    options: ['--hash-params', join(folder, 'firebase-hash-config.txt')],
  },
  'firebase-users.csv': {
    format: 'firebase',
    files: ['firebase-users.csv'],
    options: ['--hash-params', join(folder, 'firebase-hash-config.txt')],
  },
  'keycloak-realm.json': { format: 'keycloak', files: ['keycloak-realm.json'] },
  'kratos-identities.json': { format: 'kratos', files: ['kratos-identities.json'] },
  'better-auth.json': { format: 'better-auth', files: ['better-auth.json'] },
  'pocketbase-users.json': { format: 'pocketbase', files: ['pocketbase-users.json'] },
  'django-dumpdata.json': { format: 'django', files: ['django-dumpdata.json'] },
  'laravel-users.csv': { format: 'laravel', files: ['laravel-users.csv'] },
  'devise-users.csv': {
    format: 'devise',
    files: ['devise-users.csv'],
    options: ['--secret', 'pepper'],
    env: { PEPPER: 'a-devise-pepper-of-the-app' },
  },
  'aspnet-users.csv': { format: 'aspnet', files: ['aspnet-users.csv', 'aspnet-usertokens.csv'] },
  'wordpress-wp_users.csv': { format: 'wordpress', files: ['wordpress-wp_users.csv'] },
  'wolfpal-users.ndjson': { format: 'wolfpal', files: ['wolfpal-users.ndjson'] },
  'manydoors-import.ndjson': { format: 'manydoors', files: ['manydoors-import.ndjson'] },
}

/** The arguments that import a sample. */
export function argumentsOf({ format, files, options = [] }: Sample): string[] {
  return ['import', format, ...files.map((name) => join(folder, name)), ...options]
}

/** Somebody in a sample, with the password that is known. */
export interface SamplePerson {
  identifier: string
  password: string
  isDisabled: boolean
}

/** The people of a sample whose passwords are known. */
export function peopleOf(name: string): SamplePerson[] {
  const passwords = JSON.parse(readFileSync(join(folder, 'PASSWORDS.json'), 'utf8'))
  return Object.entries<string>(passwords[name])
    .filter(([identifier]) => !identifier.startsWith('('))
    .map(([identifier, text]) => {
      const [, password = text, note = ''] = / \(/.test(text) ? (/^(.*?) \((.*)\)$/.exec(text) ?? []) : []
      return { identifier, password, isDisabled: /disabled|banned|blocked|inactive|locked/.test(note) }
    })
}
