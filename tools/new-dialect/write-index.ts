import { type Draft, routeOf } from './draft.ts'
import { literal, marks, titleOf } from './source.ts'

/** `index.ts` */
export function indexSource(draft: Draft): string {
  const { name, prefix, tokens, form } = draft
  const canRefresh = routeOf(draft, 'refresh') !== undefined
  const isStatic = !canRefresh || tokens.isReplaced === false
  const fields = [
    `dialect: ${literal(name)}`,
    ...(tokens.accessLifetime === undefined ? [] : [`accessLifetime: ${tokens.accessLifetime}`]),
    ...(isStatic ? ["rotation: 'static'"] : []),
    ...(tokens.form === 'jwt' ? ["refreshToken: 'jwt'"] : []),
    ...(tokens.idleLifetime === undefined ? [] : [`idleLifetime: ${tokens.idleLifetime}`]),
    ...(form.rows.has('email_unverified') ? ['requiresVerifiedEmail: true'] : []),
  ]
  const rotations = isStatic ? '' : "...rotationSetting(door, ['grace', 'untilConfirmed']),"
  return `import { defineDialect, defineDoor, doorSettings, plainClient${isStatic ? '' : ', rotationSetting'}, z } from 'manydoors/dialect'
import { errors, render } from './errors.ts'
import { routes } from './routes.ts'

${marks(openOf(draft, isStatic))}const door = defineDoor({ ${fields.join(', ')} })

const client = plainClient(${literal(name)}, ${literal(titleOf(name))})

/** The API of README.md. */
export default defineDialect({
  kit: 1,
  door,
  prefixes: [${literal(prefix)}],
  settings: z.strictObject({ ...doorSettings(door), ${rotations} }),
  clients: [client],
  ${marks(['which origins have front ends in development?'])}demoClients: [{ ...client, origins: ['http://localhost:3000'] }],
  errors,
  render,
  routes,
})
`
}

function openOf(draft: Draft, isStatic: boolean): string[] {
  const { tokens } = draft
  const open: string[] = []
  if (tokens.accessLifetime === undefined) open.push('how long is an access token good? Nothing said so')
  if (tokens.idleLifetime === undefined)
    open.push('how long does a session live unused? No refresh token or cookie said so')
  open.push(
    'how long does a session live at most (absoluteLifetime), and a reset link (resetLifetime)? No recording says so',
  )
  if (routeOf(draft, 'refresh') === undefined)
    open.push('nothing was refreshed: docs/dialects.md, "A door without refresh"')
  else if (tokens.isReplaced === undefined)
    open.push('no refresh that was answered was seen: does it replace the token?')
  else if (!isStatic)
    open.push('refreshing replaced the token: for how long may the old one be repeated (rotation)?')
  return open
}
