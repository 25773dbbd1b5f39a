import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import { smtpTransport } from '../../delivery/mail/smtp.ts'
import { smsGateway } from '../../delivery/sms/presets.ts'
import { isLoopback } from '../../lib/ip.ts'
import { type Check, type Finding, ok, problem, warning } from './check.ts'
import { mailAdvice } from './mail-advice.ts'

const connectTimeoutMs = 8_000

/** Whether mails and text messages could be sent; one mail is sent to `sendTo` where that is given. */
export function deliveryChecks(config: Config, sendTo: { address: string; id: string } | undefined): Check[] {
  return [
    { name: 'mail', run: () => checkMail(config), advise: mailAdvice },
    ...(sendTo ? [{ name: 'test mail', run: () => sendTestMail(config, sendTo), advise: mailAdvice }] : []),
    { name: 'text messages', run: () => checkSms(config) },
  ]
}

async function checkMail(config: Config): Promise<Finding> {
  const { smtp, mode } = config
  if (!smtp) return mode === 'development' ? ok(say('to the development mailbox')) : noSmtp
  await withTransport(smtp, config, (transport) => transport.verify())
  const { protocol, host, hostname, username, searchParams } = new URL(smtp.url)
  const isForced = protocol === 'smtps:' || searchParams.get('requireTLS') === 'true'
  if (isForced || isLoopback(hostname))
    return ok(
      username ? say('{host} accepts the user name and password', { host }) : say('{host} answers', { host }),
    )
  const says = username
    ? say('{host} accepts the user name and password, but TLS is not required', { host })
    : say('{host} answers, but TLS is not required', { host })
  const advice = say(
    'write smtps://…, or smtp://…?requireTLS=true: else somebody on the way can keep TLS from being used',
  )
  return warning(says, advice)
}

async function sendTestMail(
  config: Config,
  { address, id }: { address: string; id: string },
): Promise<Finding> {
  const { smtp, publicUrl } = config
  if (!smtp) return noSmtp
  const subject = 'A test mail of Manydoors'
  const text = `This mail shows that Manydoors at ${publicUrl} can send mails.`
  await withTransport(smtp, config, (transport) =>
    transport.sendMail({ id, to: address, subject, text, html: `<p>${text}</p>` }),
  )
  return ok(say('sent to {address}', { address }))
}

const noSmtp = problem(say('SMTP_URL is not set, so that no mail is sent'), say('set SMTP_URL and MAIL_FROM'))

async function withTransport(
  smtp: NonNullable<Config['smtp']>,
  { publicUrl }: Config,
  work: (transport: ReturnType<typeof smtpTransport>) => Promise<unknown>,
): Promise<void> {
  const transport = smtpTransport({ ...smtp, publicUrl })
  try {
    await work(transport)
  } finally {
    transport.close()
  }
}

async function checkSms({ sms, smsPrefixes, mode }: Config): Promise<Finding> {
  if (!sms)
    return ok(
      mode === 'development'
        ? say('to the development mailbox')
        : say('not set, so that nobody is sent a code by SMS'),
    )
  const url = new URL(smsGateway(sms).url)
  await reach(url)
  const { host } = url
  if (smsPrefixes.includes('+') && mode === 'production')
    return warning(
      say('{host} can be reached', { host }),
      say('name the countries that messages may go to in SMS_ALLOWED_PREFIXES'),
    )
  return ok(say('{host} can be reached; nothing was sent', { host }))
}

/** Connects to the server of an http or https URL and does no more. Throws when that fails. */
export function reach({ protocol, hostname, port }: URL): Promise<{ expiresAt: number | undefined }> {
  const isTls = protocol === 'https:'
  const host = hostname.replaceAll(/[[\]]/g, '')
  const place = { host, port: Number(port) || (isTls ? 443 : 80) }
  return new Promise((resolve, reject) => {
    const socket = isTls
      ? connectTls({ ...place, ...(isIP(host) === 0 && { servername: host }) })
      : connectTcp(place)
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('no answer in time')))
    socket.once('error', reject)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      const until = 'getPeerCertificate' in socket ? socket.getPeerCertificate().valid_to : undefined
      socket.destroy()
      resolve({ expiresAt: until === undefined ? undefined : Date.parse(until) })
    })
  })
}
