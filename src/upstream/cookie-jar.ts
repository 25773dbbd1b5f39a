const maxCookies = 20
const maxCookieLength = 4096

/** The cookies of one exchange with one server. */
export interface CookieJar {
  /** Keeps what `Set-Cookie` headers say. */
  keep(headers: string[]): void
  /** What sends them along: nothing, where there are none. */
  header(): { cookie?: string }
}

/** All that a server has set goes back to it: an exchange is over before a cookie is, and knows one origin. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, string>()
  return {
    keep: (headers) => {
      for (const header of headers.slice(0, maxCookies)) {
        const [, name = '', value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(header) ?? []
        if (name === '' || name.length + value.length > maxCookieLength) continue
        if (isCleared(header)) cookies.delete(name)
        else if (cookies.has(name) || cookies.size < maxCookies) cookies.set(name, value.trim())
      }
    },
    header: () =>
      cookies.size === 0 ? {} : { cookie: [...cookies].map((cookie) => cookie.join('=')).join('; ') },
  }
}

/** Whether the server wants it forgotten. */
function isCleared(header: string): boolean {
  return (
    /;\s*max-age=(0|-\d+)\s*(;|$)/i.test(header) || /;\s*expires=\w+,\s*0?1[ -]jan[ -](19)?70/i.test(header)
  )
}
