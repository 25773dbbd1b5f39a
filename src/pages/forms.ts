import type { RealmContext } from '../core/context.ts'
import { readBase64url } from '../lib/base64url.ts'

const nonceBytes = 16

/** The keys of the forms that are made for one browser. */
export interface FormKeys {
  /**
   * What a form carries so that no other site can send it (OWASP, HMAC-based CSRF token). Another one at each call, so
   * that compressed pages give nothing away (BREACH).
   */
  formKey(): string
  /** Whether a form was made for this browser. */
  owns(formKey: string): boolean
}

/** Makes and recognizes the forms of one browser, which keeps `secret` in a cookie. */
export function formsOf(
  { secrets, randomBytes }: Pick<RealmContext, 'secrets' | 'randomBytes'>,
  secret: string,
): FormKeys {
  const messageOf = (nonce: Buffer) => `${nonce.toString('base64url')}.${secret}`
  return {
    formKey: () => {
      const nonce = randomBytes(nonceBytes)
      return Buffer.concat([nonce, secrets.mac('form', messageOf(nonce))]).toString('base64url')
    },
    owns: (formKey) => {
      const bytes = readBase64url(formKey)
      if (bytes === undefined || bytes.length <= nonceBytes) return false
      const nonce = bytes.subarray(0, nonceBytes)
      return secrets.verifyMac('form', messageOf(nonce), bytes.subarray(nonceBytes)) !== undefined
    },
  }
}
