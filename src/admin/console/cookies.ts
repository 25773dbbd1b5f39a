import { operatorDoor } from '../../core/operators/operator-door.ts'
import { loginLifetimeSeconds } from '../../core/operators/sign-in.ts'
import { secretCookie } from '../../http/cookies.ts'

/** The session of an operator's browser; no page of another site has it sent along, not even by a link. */
export const operatorCookie = secretCookie('__Host-manydoors-operator', operatorDoor.absoluteLifetime, {
  sameSite: 'strict',
})

/** What a browser keeps of the sign-in that it has begun. */
export const operatorLoginCookie = secretCookie('__Host-manydoors-operator-login', loginLifetimeSeconds, {
  sameSite: 'strict',
})
