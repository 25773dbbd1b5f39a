import type { ImportFormat } from './format.ts'

/** Each format by its name; none is loaded before it is asked for. */
const loaders: Record<string, () => Promise<ImportFormat>> = {
  supabase: async () => (await import('./formats/supabase.ts')).supabase,
  auth0: async () => (await import('./formats/auth0.ts')).auth0,
  firebase: async () => (await import('./formats/firebase.ts')).firebase,
  keycloak: async () => (await import('./formats/keycloak.ts')).keycloak,
  kratos: async () => (await import('./formats/kratos.ts')).kratos,
  'better-auth': async () => (await import('./formats/better-auth.ts')).betterAuth,
  cognito: async () => (await import('./formats/cognito.ts')).cognito,
  credebl: async () => (await import('./formats/credebl.ts')).credebl,
  wolfpal: async () => (await import('./formats/wolfpal.ts')).wolfpal,
  pocketbase: async () => (await import('./formats/pocketbase.ts')).pocketbase,
  django: async () => (await import('./formats/django.ts')).django,
  laravel: async () => (await import('./formats/laravel.ts')).laravel,
  devise: async () => (await import('./formats/devise.ts')).devise,
  aspnet: async () => (await import('./formats/aspnet.ts')).aspnet,
  wordpress: async () => (await import('./formats/wordpress.ts')).wordpress,
  manydoors: async () => (await import('./formats/manydoors.ts')).manydoors,
  csv: async () => (await import('./formats/csv.ts')).csv,
}

/** The names of all formats, in the order of the help. */
export const formatNames = Object.keys(loaders)

/** The format of this name; `undefined` when there is none. */
export async function loadFormat(name: string): Promise<ImportFormat | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name]?.() : undefined
}

/** All formats, for their descriptions. */
export async function loadFormats(): Promise<ImportFormat[]> {
  return Promise.all(Object.values(loaders).map((load) => load()))
}
