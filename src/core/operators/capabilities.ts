/** What an operator may be. */
export const roles = ['owner', 'support', 'auditor'] as const
export type Role = (typeof roles)[number]

const all: readonly Role[] = roles
const hands: readonly Role[] = ['owner', 'support']
const owner: readonly Role[] = ['owner']

/**
 * What can be done to this server and its realms, and by whom. No role signs in as somebody, sees a password, a code or
 * the body of a message, or sets a password for somebody.
 */
const holders = {
  'accounts.read': all,
  'accounts.send_link': hands,
  'accounts.disable': hands,
  'accounts.remove_factor': hands,
  'accounts.create': owner,
  'accounts.change': owner,
  'accounts.export': owner,
  'accounts.delete': owner,
  'sessions.read': all,
  'sessions.end': hands,
  'audit.read': all,
  'audit.export': ['owner', 'auditor'] as readonly Role[],
  'messages.read': all,
  'messages.reveal': hands,
  'messages.replay': hands,
  'messages.drop': owner,
  'clients.read': all,
  'clients.write': owner,
  'realms.read': all,
  'doors.read': all,
  'limits.read': all,
  'limits.clear': hands,
  'blocks.write': hands,
  'blocks.write_wide': owner,
  'keys.read': all,
  'keys.rotate': owner,
  'keys.replace': owner,
  'webhooks.read': all,
  'webhooks.replay': hands,
  'webhooks.write': owner,
  'health.read': all,
  'settings.read': all,
  'settings.write': owner,
  'switching.read': all,
  'operators.read': owner,
  'operators.write': owner,
  'tokens.write': owner,
} as const satisfies Record<string, readonly Role[]>

export type Capability = keyof typeof holders

export const capabilities = Object.keys(holders) as Capability[]

/** Whether operators of a role may do something. */
export function allows(role: Role, capability: Capability): boolean {
  return (holders[capability] as readonly Role[]).includes(role)
}

/** A role by its name; `undefined` for any other text. */
export function readRole(name: string): Role | undefined {
  return roles.find((role) => role === name)
}
