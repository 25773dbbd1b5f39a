import type { CliCommand } from '../cli-command.ts'
import { argument } from '../terminal/arguments.ts'
import { listenArgument } from './listen-address.ts'
import { addReportCommand } from './report.ts'
import { runShadow } from './run.ts'

/** `shadow`: a proxy before an old server that repeats at a new one what passes, and what it has seen. */
export function defineCommand(command: CliCommand): void {
  command
    .usage('[options]\n       manydoors shadow report [options] <file>')
    .option('--dialect <name>', 'the door whose API the old server has')
    .option('--old <url>', 'the old server, whose answers clients get', originArgument)
    .option('--new <url>', 'the server that is rehearsed', originArgument)
    .option('--listen <address>', 'a port of this machine, or HOST:PORT', listenArgument, {
      host: '127.0.0.1',
      port: 8081,
    })
    .option(
      '--sample <share>',
      'the share of people whose requests are repeated, from 0 to 1',
      shareArgument,
      1,
    )
    .option('--report <file>', 'what was seen; replaced every ten seconds', 'shadow.json')
    .option('--tls-cert <file>', 'certificate to listen with (PEM)')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--plain', 'listen without TLS, though not on the loopback: something before it has TLS')
    .action(runShadow)
  addReportCommand(command)
}

const originArgument = argument((text) => {
  const url = URL.parse(text)
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === ''
  return isOrigin && url.username === '' && url.password === '' ? url : undefined
}, 'It must be an address such as https://old.example.com, with nothing behind the host.')

const shareArgument = argument(
  (text) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? Number(text) : undefined),
  'It must be a number from 0 to 1.',
)
