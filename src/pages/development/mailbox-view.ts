/** A message that was kept instead of sent. */
export interface CaughtMessage {
  id: string
  /** Epoch milliseconds. */
  at: number
  channel: 'mail' | 'sms'
  to: string
  /** Empty for a text message. */
  subject: string
  text: string
  /** Empty for a text message. */
  html: string
  links: string[]
}

/** What somebody looks for in the mailbox. */
export interface MailboxQuery {
  /** A part of a recipient. */
  to?: string
  /** The message to be read; the newest one when there is none of that id. */
  id?: string
  as?: 'text'
}

/** The mailbox as its page shows it: a list, and one message. */
export function presentMailbox(messages: CaughtMessage[], { to = '', id, as }: MailboxQuery) {
  const wanted = to.trim().toLowerCase()
  const found = messages.filter((message) => message.to.toLowerCase().includes(wanted))
  const chosen = found.find((message) => message.id === id)
  const shown = chosen ?? found[0]
  const hrefOf = (message: CaughtMessage, more: Record<string, string> = {}) =>
    `/dev/mailbox?${new URLSearchParams({ ...(to && { to }), id: message.id, ...more })}`
  return {
    ...presentNews(messages),
    to,
    isOpened: chosen !== undefined,
    messages: found.map((message) => ({
      // Whole, for templates that show them one below the other.
      ...message,
      ...presentHead(message),
      href: hrefOf(message),
      isShown: message === shown,
    })),
    shown: shown && {
      ...presentHead(shown),
      channel: shown.channel,
      text: shown.text,
      as: as ?? (shown.html ? 'html' : 'text'),
      hasHtml: shown.html !== '',
      htmlHref: hrefOf(shown),
      textHref: hrefOf(shown, { as: 'text' }),
      links: shown.links.map((href) => ({ href, name: linkName(href, shown.html) })),
    },
  }
}

/** How many messages there are, and the newest, by which a page sees that another has come. */
export function presentNews(messages: CaughtMessage[]): { count: number; newest: string } {
  return { count: messages.length, newest: messages[0]?.id ?? '' }
}

function presentHead({ id, to, subject, at }: CaughtMessage) {
  const date = new Date(at).toISOString()
  return {
    id,
    to,
    title: subject || 'Text message',
    date,
    time: `${date.slice(0, 16).replace('T', ' ')} UTC`,
  }
}

/** What the mail itself calls a link, else where it leads. */
function linkName(href: string, html: string): string {
  for (const [, target = '', inside = ''] of html.matchAll(/<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs)) {
    const name = unescaped(inside.replaceAll(/<[^>]*>/g, '')).trim()
    if (unescaped(target) === href && name !== '' && !/^https?:/.test(name)) return name
  }
  return `Open ${href.split('?', 1)[0]}`
}

const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#34': '"', '#39': "'" }

function unescaped(html: string): string {
  return html.replaceAll(/&([#\w]+);/g, (entity, name) => characters[name] ?? entity)
}
