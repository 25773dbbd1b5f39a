/** Where the client finds everything. */
export const base = '/auth/v1'
