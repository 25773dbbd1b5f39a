import { type Said, say } from '../../admin/findings.ts'

/** The library gives every failure of a connection one code, so that its words come first. */
const byWords: [RegExp, Said][] = [
  [
    /wrong version number|packet length too long/,
    say('write smtp://…:587?requireTLS=true: that port begins without TLS'),
  ],
  [
    /unable to verify|self-signed|issuer certificate/,
    say('name the CA of the mail server: NODE_EXTRA_CA_CERTS'),
  ],
  [/helo|ehlo/i, say('set SMTP_NAME to a name that leads to the address that mails come from')],
  [/ECONNREFUSED/, say('see the host and port in SMTP_URL')],
  [/ENOTFOUND|EAI_AGAIN/, say('see the host in SMTP_URL, and DNS on this machine')],
  [/timeout/i, say('see the host and port in SMTP_URL, the network and firewalls between')],
]

/** What to do about what the mail server, or the way to it, has answered with. */
export function mailAdvice(error: unknown): Said {
  const { code, message = '' } = error as NodeJS.ErrnoException
  if (code === 'EAUTH') return say('see the user name and password in SMTP_URL')
  return (
    byWords.find(([words]) => words.test(message))?.[1] ??
    say('see that SMTP_URL can be reached and used from here')
  )
}
