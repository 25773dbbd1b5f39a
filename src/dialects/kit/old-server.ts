/** How the server that was here before is asked. */

export {
  type Ask,
  missingProfile,
  orNothing,
  type PasswordAnswer,
  profileAt,
  refusedRefresh,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamMeans,
  type UpstreamProfile,
  type UpstreamRequest,
  unexpected,
} from '../../core/switching/upstream.ts'
export { genericUpstream } from '../../upstream/generic.ts'
export { type GenericSettings, genericSettings } from '../../upstream/generic-settings.ts'
