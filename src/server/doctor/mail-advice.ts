/** The library gives every failure of a connection one code, so that its words come first. */
const byWords: [RegExp, string][] = [
  [
    /wrong version number|packet length too long/,
    'write smtp://…:587?requireTLS=true: that port begins without TLS',
  ],
  [/unable to verify|self-signed|issuer certificate/, 'name the CA of the mail server: NODE_EXTRA_CA_CERTS'],
  [/helo|ehlo/i, 'set SMTP_NAME to a name that leads to the address that mails come from'],
  [/ECONNREFUSED/, 'see the host and port in SMTP_URL'],
  [/ENOTFOUND|EAI_AGAIN/, 'see the host in SMTP_URL, and DNS on this machine'],
  [/timeout/i, 'see the host and port in SMTP_URL, the network and firewalls between'],
]

/** What to do about what the mail server, or the way to it, has answered with. */
export function mailAdvice(error: unknown): string {
  const { code, message = '' } = error as NodeJS.ErrnoException
  if (code === 'EAUTH') return 'see the user name and password in SMTP_URL'
  return (
    byWords.find(([words]) => words.test(message))?.[1] ??
    'see that SMTP_URL can be reached and used from here'
  )
}
