import type { NameOf } from '../sms-config.ts'
import type { Environment } from './environment.ts'
import type { FileSettings } from './file-schema.ts'
import type { Finding } from './variables.ts'

/** Where the settings are in the file that have a variable too. */
const places: Record<string, string> = {
  MANYDOORS_PUBLIC_URL: 'publicUrl',
  MANYDOORS_SECRET: 'secret',
  SMTP_URL: 'smtp.url',
  MAIL_FROM: 'smtp.from',
  SMS_URL: 'sms.url',
  SMS_FROM: 'sms.from',
  SMS_BODY: 'sms.body',
  SMS_AUTHORIZATION: 'sms.authorization',
  SMS_ALLOWED_PREFIXES: 'sms.allowedPrefixes',
}

/** Names settings as the operator would look for them: by their places where there is a file. */
export function nameSettings(environment: Environment, hasFile: boolean): NameOf {
  return (variable) =>
    hasFile && environment[variable] === undefined ? `${places[variable]} (or ${variable})` : variable
}

/** What production does not start without. Values that are there and wrong count as there. */
export function missingInProduction(environment: Environment, file: GivenFile, nameOf: NameOf): string[] {
  const { smtp, sms } = file
  const isSet = (variable: string, inFile: unknown) => Boolean(environment[variable] ?? inFile)
  const problems: string[] = []
  if (!isSet('MANYDOORS_PUBLIC_URL', file.publicUrl) && needsPublicUrl(file))
    problems.push(
      `${nameOf('MANYDOORS_PUBLIC_URL')} is missing: the address at which people reach this server`,
    )
  if (!isSet('MANYDOORS_SECRET', file.secret ?? file.secretFile))
    problems.push(
      `${nameOf('MANYDOORS_SECRET')} is missing: the master key, 32 bytes in base64, or as the path of a file`,
    )
  if (isSet('SMS_URL', sms?.url) && !isSet('SMS_ALLOWED_PREFIXES', sms?.allowedPrefixes)) {
    const name = nameOf('SMS_ALLOWED_PREFIXES')
    problems.push(`${name} is missing: the countries that messages may go to, such as "+47,+46"`)
  }
  if (isSet('SMTP_URL', smtp?.url) && !isSet('MAIL_FROM', smtp?.from))
    problems.push(
      `${nameOf('MAIL_FROM')} is missing: the sender of mails, such as "Example <auth@example.com>"`,
    )
  return problems
}

/** Realms beside others that do not say where people reach them: nothing else can stand in for that. */
export function realmsWithoutUrl({ realms }: GivenFile): Finding[] {
  const all = Object.entries(realms ?? {})
  const lost = all.filter(([, realm]) => all.length > 1 && realm?.hosts && !realm.publicUrl)
  const problem = 'is missing: the address at which people reach this realm'
  return lost.map(([name]) => ({ path: ['realms', name, 'publicUrl'], problem }))
}

function needsPublicUrl({ realms }: GivenFile): boolean {
  const all = Object.values(realms ?? {})
  return all.length === 0 || all.some((realm) => !realm?.publicUrl && (all.length === 1 || !realm?.hosts))
}

/** What the file says, as far as it says something. */
export type GivenFile = Partial<FileSettings>
