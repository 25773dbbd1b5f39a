import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Config } from '../../config/config.ts'
import { smtpTransport } from '../../delivery/mail/smtp.ts'
import { smsGateway } from '../../delivery/sms/presets.ts'
import { isLoopback } from '../../lib/ip.ts'
import { type Check, type Finding, ok, problem, warning } from './check.ts'
import { mailAdvice } from './mail-advice.ts'

/** In milliseconds. */
const patience = 8_000

/** Whether mails and text messages could be sent; one mail is sent to `sendTo` where that is given. */
export function deliveryChecks(config: Config, sendTo: { address: string; id: string } | undefined): Check[] {
  return [
    { name: 'mail', run: () => checkMail(config), advise: mailAdvice },
    ...(sendTo ? [{ name: 'test mail', run: () => sendTestMail(config, sendTo), advise: mailAdvice }] : []),
    { name: 'text messages', run: () => checkSms(config) },
  ]
}

async function checkMail({ smtp, mode, publicUrl }: Config): Promise<Finding> {
  if (!smtp) {
    return mode === 'development'
      ? ok('to the development mailbox')
      : problem('SMTP_URL is not set, so that no mail is sent', 'set SMTP_URL and MAIL_FROM')
  }
  const transport = smtpTransport({ ...smtp, publicUrl })
  try {
    await transport.verify()
  } finally {
    transport.close()
  }
  const { protocol, host, hostname, username, searchParams } = new URL(smtp.url)
  const says = `${host} ${username ? 'accepts the user name and password' : 'answers'}`
  const isForced = protocol === 'smtps:' || searchParams.get('requireTLS') === 'true'
  if (isForced || isLoopback(hostname)) return ok(says)
  const advice =
    'write smtps://…, or smtp://…?requireTLS=true: else somebody on the way can keep TLS from being used'
  return warning(`${says}, but TLS is not required`, advice)
}

async function sendTestMail(
  { smtp, publicUrl }: Config,
  { address, id }: { address: string; id: string },
): Promise<Finding> {
  if (!smtp) return problem('SMTP_URL is not set, so that no mail is sent', 'set SMTP_URL and MAIL_FROM')
  const transport = smtpTransport({ ...smtp, publicUrl })
  const text = `This mail shows that Manydoors at ${publicUrl} can send mails.`
  try {
    await transport.sendMail({
      id,
      to: address,
      subject: 'A test mail of Manydoors',
      text,
      html: `<p>${text}</p>`,
    })
  } finally {
    transport.close()
  }
  return ok(`sent to ${address}`)
}

async function checkSms({ sms, smsPrefixes, mode }: Config): Promise<Finding> {
  if (!sms) {
    return mode === 'development'
      ? ok('to the development mailbox')
      : ok('not set, so that nobody is sent a code by SMS')
  }
  const { protocol, hostname, port, host } = new URL(smsGateway(sms).url)
  await reach({
    isTls: protocol === 'https:',
    hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  })
  if (smsPrefixes.includes('+') && mode === 'production')
    return warning(
      `${host} can be reached`,
      'name the countries that messages may go to in SMS_ALLOWED_PREFIXES',
    )
  return ok(`${host} can be reached; nothing was sent`)
}

/** Connects and does no more. Throws when that fails. */
export function reach({
  isTls,
  hostname,
  port,
}: {
  isTls: boolean
  hostname: string
  port: number
}): Promise<{ expiresAt: number | undefined }> {
  const host = hostname.replaceAll(/[[\]]/g, '')
  return new Promise((resolve, reject) => {
    const socket = isTls
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
      : connectTcp({ host, port })
    socket.setTimeout(patience, () => socket.destroy(new Error('no answer in time')))
    socket.once('error', reject)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      const until = 'getPeerCertificate' in socket ? socket.getPeerCertificate().valid_to : undefined
      socket.destroy()
      resolve({ expiresAt: until === undefined ? undefined : Date.parse(until) })
    })
  })
}
