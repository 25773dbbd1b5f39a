import { invalid } from './errors.ts'

const defaultPerPage = 50
const maxPerPage = 1000

/** Which page of a list is asked for. */
export interface NumberedPage {
  /** From 1. */
  page: number
  perPage: number
}

/** Throws a refusal for more accounts than a page may have. */
export function readPage({ page = '', per_page = '' }: { page?: string; per_page?: string }): NumberedPage {
  const perPage = Number(per_page) || defaultPerPage
  if (perPage > maxPerPage) throw invalid(`per_page must be at most ${maxPerPage}`)
  return { page: Number(page) || 1, perPage }
}

/**
 * Where the next page and the last one are (RFC 8288), and how many there are in all. The client reads numbers of pages by
 * their place, so `page` is the first parameter.
 */
export function pageHeaders(
  path: string,
  { page, perPage, filter, total }: NumberedPage & { filter?: string; total: number },
): Record<string, string> {
  const last = Math.max(1, Math.ceil(total / perPage))
  const link = (number: number, rel: string) => {
    const query = new URLSearchParams({
      page: `${number}`,
      per_page: `${perPage}`,
      ...(filter && { filter }),
    })
    return `<${path}?${query}>; rel="${rel}"`
  }
  const links = [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')]
  return { 'x-total-count': `${total}`, link: links.join(', ') }
}
