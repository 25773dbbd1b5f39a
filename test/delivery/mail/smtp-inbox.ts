import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before } from 'node:test'
import { domainToASCII } from 'node:url'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { eventually, notify } from '../../harness/events.ts'
import { type Engine, type ServerOptions, startTestServer, type TestServer } from '../../harness/harness.ts'

/** A mail as an SMTP server got it. */
export interface ReceivedMail {
  /** The envelope. */
  sender: string
  recipients: string[]
  /** By their names in lower case. */
  headers: Map<string, string>
  text: string
  html: string
  links: string[]
}

type MailReply = number | 'accepted in silence' | 'silence'

type ReceiveMail = (...given: Parameters<NonNullable<SMTPServerOptions['onData']>>) => Promise<void>

/** A real SMTP server on the loopback, which can be told to misbehave. */
export interface SmtpInbox {
  url: string
  /** Accepted mails, oldest first. */
  mails: ReceivedMail[]
  /** Mails that were not accepted after they had been read whole, oldest first. */
  refusedMails: ReceivedMail[]
  /** Every recipient that was asked for, refused ones too. */
  recipients: string[]
  /**
   * `down`: it ends every connection at once. `silent`: it takes them and says nothing. Those that are open end.
   */
  become(state: 'up' | 'down' | 'silent'): void
  /** What senders have called themselves, in EHLO. */
  names: string[]
  /** The reply to a recipient, as a code or with words behind it: 250 accepts. */
  replyTo: (recipient: string) => number | string
  /** The reply to a sender. */
  replyToSender: () => number | string
  /** Who may sign in, where senders must. */
  password: string
  /** The reply code for a whole mail, or none: with the mail accepted, or not. */
  replyToMail: () => MailReply | Promise<MailReply>
  close(): Promise<void>
}

export interface InboxOptions {
  /** Whether senders must sign in, as `auth` with the password of the inbox. */
  isGuarded?: boolean
}

export async function startSmtpInbox({ isGuarded = false }: InboxOptions = {}): Promise<SmtpInbox> {
  const sockets = new Set<Socket>()
  let state: Parameters<SmtpInbox['become']>[0] = 'up'
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  const receive: ReceiveMail = async (stream, { envelope }, reply) => {
    const source = await text(stream).catch(() => undefined)
    // The connection broke in the middle of the mail.
    if (source === undefined) return
    const sender = envelope.mailFrom ? envelope.mailFrom.address : ''
    const mail = readMail(
      source,
      sender,
      envelope.rcptTo.map(({ address }) => asSent(address)),
    )
    const code = await inbox.replyToMail()
    const isAccepted = code === 250 || code === 'accepted in silence'
    ;(isAccepted ? inbox.mails : inbox.refusedMails).push(mail)
    notify()
    if (typeof code === 'number') reply(refusal(code))
  }
  const smtp = new SMTPServer({
    // It refuses two dots even in quotes, where RFC 5321 allows them.
    lenientAddressParsing: true,
    disabledCommands: isGuarded ? ['STARTTLS'] : ['AUTH', 'STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, reply) =>
      username === 'auth' && password === inbox.password
        ? reply(null, { user: username })
        : reply(Object.assign(new Error('5.7.8 wrong'), { responseCode: 535 })),
    onMailFrom: (_address, { hostNameAppearsAs }, reply) => {
      inbox.names.push(String(hostNameAppearsAs))
      reply(refusal(inbox.replyToSender()))
    },
    onRcptTo: ({ address }, _session, reply) => {
      inbox.recipients.push(asSent(address))
      reply(refusal(inbox.replyTo(asSent(address))))
    },
    onData: receive,
  })
  // What it makes of a connection that breaks; the server under test has to cope with that, not this one.
  smtp.on('error', () => {})

  const listener = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)))
    if (state === 'down') socket.destroy()
    else if (state === 'up') smtp.server.emit('connection', socket)
  })
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening))
  const { port } = listener.address() as { port: number }

  const inbox: SmtpInbox = {
    url: `smtp://127.0.0.1:${port}`,
    mails: [],
    refusedMails: [],
    recipients: [],
    become: (next) => {
      state = next
      hangUp()
    },
    names: [],
    replyTo: () => 250,
    replyToSender: () => 250,
    password: 'first',
    replyToMail: () => 250,
    close: async () => {
      const closed = new Promise((closed) => listener.close(closed))
      hangUp()
      await closed
    },
  }
  return inbox
}

/** A server, and the SMTP server of its own that it sends to. */
export interface Post {
  server: TestServer
  inbox: SmtpInbox
}

/** Both for all tests of the suite that this is called in; there from the first test on. */
export function usePost(engine: Engine, options: Pick<ServerOptions, 'yaml'> = {}): Post {
  const post = {} as Post
  before(async () => {
    post.inbox = await startSmtpInbox()
    const env = { SMTP_URL: post.inbox.url, MAIL_FROM: 'Example <auth@example.com>' }
    post.server = await startTestServer(engine, { env, ...options })
  })
  after(async () => {
    await post.inbox?.close()
    await post.server?.close()
  })
  return post
}

/** The one mail to that address, once it has arrived. */
export function arrival(inbox: SmtpInbox, address: string): Promise<ReceivedMail> {
  return eventually(`a mail to ${address}`, () =>
    inbox.mails.find(({ recipients }) => recipients.includes(address)),
  )
}

/** smtp-server writes domains in Unicode, whatever it was sent. */
function asSent(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at + 1) + domainToASCII(address.slice(at + 1))
}

function refusal(reply: number | string): Error | null {
  const [, code = '', words = 'refused by the test'] = /^(\d{3}) ?(.+)?$/.exec(String(reply)) ?? []
  return code === '250' ? null : Object.assign(new Error(words), { responseCode: Number(code) })
}

/** Reads what nodemailer writes: multipart/alternative with a text and an HTML part (RFC 2045 to 2047). */
function readMail(source: string, sender: string, recipients: string[]): ReceivedMail {
  const { headers, body } = readEntity(source)
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => readEntity(part.replace(/^\r\n/, '')))
  const contentOf = (type: string) => {
    const found = parts.filter(({ headers }) => headers.get('content-type')?.startsWith(type))
    if (found.length !== 1) throw new Error(`${found.length} parts of ${type} in ${source}`)
    return found.map(decode).join('')
  }
  const text = contentOf('text/plain')
  const links = text.match(/https?:\/\/\S+/g) ?? []
  return { sender, recipients, headers, text, html: contentOf('text/html'), links }
}

interface Entity {
  headers: Map<string, string>
  body: string
}

function readEntity(source: string): Entity {
  const end = source.indexOf('\r\n\r\n')
  const lines = source
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const [name = '', value = ''] = line.split(/: *(.*)/s)
    return [name.toLowerCase(), decodeWords(value)]
  })
  if (new Set(headers.map(([name]) => name)).size < headers.length)
    throw new Error(`a header comes twice in ${source}`)
  return { headers: new Map(headers), body: source.slice(end + 4) }
}

function decode({ headers, body }: Entity): string {
  const encoding = headers.get('content-transfer-encoding')
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n')
  return quotedPrintable(body.replaceAll(/=\r\n/g, '').replaceAll('\r\n', '\n'))
}

/** `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`; blanks between two of them are not part of the text. */
function decodeWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi, (_, encoding, text) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('utf8')
        : quotedPrintable(text.replaceAll('_', ' ')),
    )
}

function quotedPrintable(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
