/** Second factors: the one that a sign-in asks for, and several that a session shows later. */

export { challengeFactor } from '../../core/factors/challenge.ts'
export { type EnrolledFactor, enrolFactor } from '../../core/factors/enrol.ts'
export type { Factor } from '../../core/factors/held.ts'
export { listFactors, listFactorsOfEach } from '../../core/factors/list.ts'
export { removeFactorByHand, removeOwnFactor } from '../../core/factors/remove.ts'
export { verifyFactor } from '../../core/factors/verify.ts'
export { hasSecondFactor, needsSecondFactor } from '../../core/sign-in/second-factor.ts'
export {
  confirmSecondFactor,
  disableSecondFactor,
  type Enrolment,
  enrolSecondFactor,
} from '../../core/sign-in/second-factor-enrolment.ts'
