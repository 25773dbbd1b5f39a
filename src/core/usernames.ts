/** Neither a letter nor a digit, nor what tells an address, a number or an id. */
const separators = /[^\p{L}\p{Nd}@+:]/gu

/**
 * Whether a user name reads like an e-mail address, a phone number or an id: whoever names an account, an operator or
 * a person who signs in, must not be able to mean another one.
 */
export function looksLikeAnotherKind(username: string): boolean {
  const plain = username.normalize('NFKC').replaceAll(separators, '').toLowerCase()
  return plain.includes('@') || isLikePhone(plain) || isLikeUuid(plain)
}

/** Digits of any script, as phones take them. */
function isLikePhone(plain: string): boolean {
  return /^(tel:?)?(\+|\p{Nd}{7,15}$)/u.test(plain)
}

function isLikeUuid(plain: string): boolean {
  return /^(urn:uuid:)?[\da-f]{32}$/.test(plain)
}
