import { createHash } from 'node:crypto'

/** What stands for something in a format of digests; the rest is taken as it is. */
const placeholder = /(\{(?:salt|password|md5hex\(password\))\})/

const maxLength = 200

/** Whether a text says what is digested of a password: without one, every password would be right. */
export function isTemplate(format: string): boolean {
  return format.length <= maxLength && /\{password\}|\{md5hex\(password\)\}/.test(format)
}

/** What is digested. */
export function fillTemplate(format: string, { password, salt }: { password: Buffer; salt: Buffer }): Buffer {
  const parts = format.split(placeholder).map((part) => {
    if (part === '{salt}') return salt
    if (part === '{password}') return password
    if (part === '{md5hex(password)}') return Buffer.from(createHash('md5').update(password).digest('hex'))
    return Buffer.from(part)
  })
  return Buffer.concat(parts)
}
