import type { Config } from '../config/config.ts'
import type { Server } from './server.ts'

/** Realms whose doors a start prints. */
const maxListed = 20

/** The few lines that a start prints: where the doors are, where mails go, and what is not safe about this mode. */
export function announce({ config, port, realms, metrics, admin, hasOwner }: Server, processes = 1): string {
  const { mode, host, smtp, sms, publicUrl } = config
  const address = `http://${host.includes(':') ? `[${host}]` : host === '127.0.0.1' ? 'localhost' : host}:${port}`
  const isDevelopment = mode === 'development'
  const mailbox = isDevelopment ? `${address}/dev/mailbox` : undefined
  const listed = realms.length > maxListed ? [] : realms
  const lines = [
    `Manydoors is listening on ${address}${isDevelopment ? ' (development)' : `, for ${publicUrl}`}`,
    '',
    ...(listed.length > 0 ? [] : [`  ${realms.length} realms; \`manydoors config check\` lists them`]),
    ...listed.flatMap(({ name, hosts, doors }) => [
      ...(realms.length > 1 ? [`  realm ${name}, at ${hosts.join(', ') || 'every other host'}`] : []),
      ...doors.map(
        ({ name, prefixes }) =>
          `  ${name.padEnd(9)} ${address}${prefixes.map((path) => `${path}/…`).join('  ')}`,
      ),
    ]),
    '',
    `  mails     ${smtp ? 'by SMTP' : (mailbox ?? 'wait in the queue: SMTP_URL is not set')}`,
    `  messages  ${sms ? 'by SMS gateway' : (mailbox ?? 'cannot be sent: SMS_URL is not set')}`,
    ...consoleLines(config, { beside: isDevelopment ? address : undefined, port: admin, hasOwner }),
    ...(metrics?.place ? [metricsLine(metrics.place)] : []),
    ...(processes > 1
      ? [`  processes ${processes}${isDevelopment ? ', each with a mailbox of its own' : ''}`]
      : []),
  ]
  if (isDevelopment) {
    lines.push(
      '',
      'Not for production: demo clients are registered, mails can be read by anybody on this machine, and the',
      `master key lies beside the database in ${config.dataFolder}. NODE_ENV=production asks for what is missing.`,
    )
  }
  return `${lines.join('\n')}\n`
}

/** Where operators go, and how the first one gets in; nothing where there is no console. */
function consoleLines(
  { admin }: Config,
  { beside, port, hasOwner }: { beside: string | undefined; port: number | undefined; hasOwner: boolean },
): string[] {
  const url = port === undefined ? beside : admin?.url
  if (!admin || url === undefined) return []
  const first = 'nobody can sign in yet: manydoors operator invite EMAIL --role owner'
  return [`  console   ${url}/admin`, ...(hasOwner ? [] : [`            ${first}`])]
}

/** The line that says where metrics are served, or why not. */
export function metricsLine(place: string): string {
  return `  metrics   ${place}`
}
