/** The realm whose accounts are those of the operators; no other one may be called so. */
export const operatorsRealm = 'operators'
