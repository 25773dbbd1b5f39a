import type { ImportFormat } from './format.ts'

/** A format as it is listed. */
export interface ListedFormat {
  name: string
  description: string
}

/** A format that is loaded only when somebody asks for it. */
interface FormatOnDemand extends ListedFormat {
  load(): Promise<ImportFormat>
}

const known: FormatOnDemand[] = [
  {
    name: 'supabase',
    description:
      'Supabase Auth: auth.users, auth.identities, auth.mfa_factors, auth.sessions and, if people are to stay signed in, auth.refresh_tokens of pg_dump --data-only, or as CSV or JSON',
    load: async () => (await import('./formats/supabase.ts')).supabase,
  },
  {
    name: 'auth0',
    description:
      'Auth0: the users export as NDJSON or CSV with the export of password hashes, or files made for its bulk import',
    load: async () => (await import('./formats/auth0.ts')).auth0,
  },
  {
    name: 'firebase',
    description:
      'Firebase Authentication: the JSON or CSV of firebase auth:export, with the hash parameters of the project',
    load: async () => (await import('./formats/firebase.ts')).firebase,
  },
  {
    name: 'cognito',
    description: 'Amazon Cognito: the JSON of `list-users`, or CSV with the columns of its import template',
    load: async () => (await import('./formats/cognito.ts')).cognito,
  },
  {
    name: 'keycloak',
    description: 'Keycloak: what `kc.sh export --realm` writes, in one file or in many',
    load: async () => (await import('./formats/keycloak.ts')).keycloak,
  },
  {
    name: 'kratos',
    description: 'Ory Kratos: identities with their credentials, as its admin API gives them',
    load: async () => (await import('./formats/kratos.ts')).kratos,
  },
  {
    name: 'better-auth',
    description: 'better-auth: the tables user, account, twoFactor and session, as JSON or CSV',
    load: async () => (await import('./formats/better-auth.ts')).betterAuth,
  },
  {
    name: 'pocketbase',
    description: 'PocketBase: the table users of data.db as JSON or CSV',
    load: async () => (await import('./formats/pocketbase.ts')).pocketbase,
  },
  {
    name: 'django',
    description:
      'Django: dumpdata of the users, or the table auth_user; also of django-allauth and django-otp',
    load: async () => (await import('./formats/django.ts')).django,
  },
  {
    name: 'laravel',
    description: 'Laravel: the table users as CSV or JSON, with second factors of Fortify',
    load: async () => (await import('./formats/laravel.ts')).laravel,
  },
  {
    name: 'devise',
    description: 'Rails with Devise or has_secure_password: the table users as CSV, JSON or SQL of pg_dump',
    load: async () => (await import('./formats/devise.ts')).devise,
  },
  {
    name: 'aspnet',
    description: 'ASP.NET Identity or Membership: AspNetUsers and the tables around it as CSV or JSON',
    load: async () => (await import('./formats/aspnet.ts')).aspnet,
  },
  {
    name: 'wordpress',
    description: 'WordPress: the tables wp_users and wp_usermeta as CSV or JSON',
    load: async () => (await import('./formats/wordpress.ts')).wordpress,
  },
  {
    name: 'credebl',
    description: 'CREDEBL: its table user as CSV, and what `kc.sh export` writes of its realm',
    load: async () => (await import('./formats/credebl.ts')).credebl,
  },
  {
    name: 'wolfpal',
    description:
      'WolfPal: what mongoexport writes of its users and, if they are to stay signed in, of its sessions',
    load: async () => (await import('./formats/wolfpal.ts')).wolfpal,
  },
  {
    name: 'csv',
    description: 'any table as CSV or JSON, with a map of its columns: --map map.yaml',
    load: async () => (await import('./formats/csv.ts')).csv,
  },
  {
    name: 'manydoors',
    description: 'the neutral form: JSON, an account a line, of `import convert` or `account export --all`',
    load: async () => (await import('./formats/manydoors.ts')).manydoors,
  },
]

/** All formats, in the order of the help. */
export const importFormats: ListedFormat[] = known.map(({ name, description }) => ({ name, description }))

/** The format of this name; `undefined` when there is none. */
export async function findFormat(name: string): Promise<ImportFormat | undefined> {
  return known.find((format) => format.name === name)?.load()
}
