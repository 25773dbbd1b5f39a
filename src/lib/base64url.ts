/**
 * The bytes that a text stands for; `undefined` when it is not written in the only way that RFC 4648 §3.5 has for them:
 * Node skips what it does not know, and a token must not have a second spelling.
 */
export function readBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
