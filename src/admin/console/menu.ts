import type { Capability } from '../../core/operators/capabilities.ts'
import type { Asker } from '../desk.ts'
import type { Texts } from './texts.ts'

/** The pages of the menu, in its order. */
interface Entry {
  name: string
  text: keyof Texts
  /** Below the realm where it is about one. */
  path: string
  at: 'realm' | 'server'
  capability?: Capability
}

const entries: Entry[] = [
  { name: 'overview', text: 'menuOverview', path: '', at: 'server' },
  { name: 'accounts', text: 'menuAccounts', path: '/accounts', at: 'realm', capability: 'accounts.read' },
  { name: 'sessions', text: 'menuSessions', path: '/sessions', at: 'realm', capability: 'sessions.read' },
  { name: 'clients', text: 'menuClients', path: '/clients', at: 'realm', capability: 'clients.read' },
  { name: 'doors', text: 'menuDoors', path: '/doors', at: 'realm', capability: 'doors.read' },
  { name: 'messages', text: 'menuMessages', path: '/messages', at: 'realm', capability: 'messages.read' },
  { name: 'webhooks', text: 'menuWebhooks', path: '/webhooks', at: 'realm', capability: 'webhooks.read' },
  { name: 'audit', text: 'menuAudit', path: '/audit', at: 'realm', capability: 'audit.read' },
  { name: 'limits', text: 'menuLimits', path: '/limits', at: 'realm', capability: 'limits.read' },
  { name: 'keys', text: 'menuKeys', path: '/keys', at: 'realm', capability: 'keys.read' },
  {
    name: 'realm-settings',
    text: 'menuRealmSettings',
    path: '/settings',
    at: 'realm',
    capability: 'settings.read',
  },
  {
    name: 'switching',
    text: 'menuSwitching',
    path: '/switching',
    at: 'realm',
    capability: 'switching.read',
  },
  { name: 'realms', text: 'menuRealms', path: '/realms', at: 'server' },
  { name: 'health', text: 'menuHealth', path: '/health', at: 'server', capability: 'health.read' },
  { name: 'settings', text: 'menuSettings', path: '/settings', at: 'server', capability: 'settings.read' },
  {
    name: 'operators',
    text: 'menuOperators',
    path: '/operators',
    at: 'server',
    capability: 'operators.read',
  },
  { name: 'tokens', text: 'menuTokens', path: '/tokens', at: 'server', capability: 'operators.read' },
  { name: 'api', text: 'menuApi', path: '/api', at: 'server' },
]

/** Where the pages of a realm are. */
export function realmPath(realm: string): string {
  return `/admin/realms/${realm}`
}

/** The links of the menu that whoever asks may open; those of one realm where one is meant. */
export function menuFor(
  asker: Asker,
  { texts, realm, current }: { texts: Texts; realm: string | undefined; current: string },
) {
  return entries.flatMap(({ name, text, path, at, capability }) => {
    if (at === 'realm' && realm === undefined) return []
    const isOpen = capability === undefined || asker.may(capability, at === 'realm' ? realm : undefined)
    const base = at === 'realm' && realm !== undefined ? realmPath(realm) : '/admin'
    return isOpen ? [{ href: `${base}${path}`, text: texts[text], isCurrent: name === current }] : []
  })
}
