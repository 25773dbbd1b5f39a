import { fillIn } from '../../lib/fill-in.ts'

/** Why what an operator asks for cannot be, each in a sentence; braces have what differs. */
const sentences = {
  account_ambiguous:
    '{name} is the id of one account and a name of another: say id:{name}, or username:, email:, phone:.',
  account_without_email: 'The account has no e-mail address.',
  account_beyond_recovery: 'The account is disabled, or its e-mail address is not confirmed.',
  nothing_to_confirm: 'There is no e-mail address to confirm.',
  not_its_name: 'That is not what this account is called.',
  client_declared: 'This client is declared in the configuration: change it there.',
  client_registered: 'This client has registered itself, and changes itself.',
  client_dialect: 'No app can be added to {dialect} in this realm.',
  client_taken: 'There is an app {id} of {dialect} already.',
  client_without_secret: 'This app shows no secret.',
  delivery_without_payload: 'Nothing is kept of what was sent.',
  key_too_new: 'The next {algorithm} key is published for less than a day. It is ready at {time}.',
  operator_has_role: 'This operator is {role}: change that first.',
  operator_has_realms: 'This operator is held to other realms: change that first.',
  operator_disabled: 'This operator is disabled: enable them first.',
  realm_unknown: 'There is no realm {realm}.',
  scope_beyond: 'You may not do {scope} yourself.',
  setting_set: 'Set by {source}.',
  block_not_a_range: 'This is neither an IP address nor a range such as 203.0.113.0/24.',
  block_too_wide: 'Nothing wider than a /8 of IPv4 or a /16 of IPv6 can be blocked.',
  block_not_yours: 'Ranges wider than a /24 of IPv4 or a /48 of IPv6 are blocked by owners alone.',
  block_own_address: 'You are at this address yourself.',
  block_too_short: 'A block must end in the future.',
  block_too_long: 'A block ends after 30 days at the latest.',
  block_too_many: 'There are 1000 blocks in this realm: whoever needs more wants a firewall.',
}

/** By which other languages have their words for it. */
export type RefusalReason = keyof typeof sentences

/** Why something cannot be, and what stands in its sentence. */
export interface Refusal {
  reason: RefusalReason
  values: Record<string, string>
}

/** The sentence in English. */
export function refusalText({ reason, values }: Refusal): string {
  return fillIn(sentences[reason], values)
}
