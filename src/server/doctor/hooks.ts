import { type Said, say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import { type Check, type Finding, ok, warning } from './check.ts'
import { reach } from './delivery.ts'

/** Whether whoever is asked before somebody signs up or in can be connected to; nothing is asked. */
export function hookChecks({ realms }: Config): Check[] {
  return realms.flatMap(({ name: realm, hooks }) =>
    Object.entries(hooks).map(([name, { url, onFailure }]) => ({
      name: realms.length > 1 ? `${name} of ${realm}` : name,
      advise: () => adviceFor(onFailure),
      run: () => checkHook(new URL(url), onFailure),
    })),
  )
}

async function checkHook(url: URL, onFailure: 'refuse' | 'allow'): Promise<Finding> {
  await reach(url)
  const { host } = url
  if (onFailure === 'refuse') return ok(say('{host} can be reached; nothing was asked', { host }))
  return warning(
    say('{host} can be reached; while it does not answer, everybody is let in', { host }),
    say('set onFailure: refuse where it keeps anybody out'),
  )
}

function adviceFor(onFailure: 'refuse' | 'allow'): Said {
  return onFailure === 'refuse'
    ? say('start it, or take it out of hooks: until then nobody gets in')
    : say('start it, or take it out of hooks: until then everybody gets in unasked')
}
