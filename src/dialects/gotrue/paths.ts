/** Where the client finds everything; the prefix of the manifest. */
export const base = '/auth/v1'
