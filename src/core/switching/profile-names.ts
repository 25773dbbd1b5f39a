import type { UpstreamProfile } from './upstream.ts'

/** What a profile says that an old server has told, by the names that profiles have here. */
export function namesIn({ names = {} }: UpstreamProfile): Record<string, string> {
  const { firstName, lastName, fullName } = names
  return {
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
    ...(fullName !== undefined && { name: fullName }),
  }
}
