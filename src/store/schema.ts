/**
 * The tables, as Kysely sees them. Text and bigint columns only; times are epoch milliseconds and `null` until
 * they have happened; JSON is kept as text.
 */
export interface Schema {
  accounts: AccountRow
  sessions: SessionRow
  tickets: TicketRow
  clients: ClientRow
  jobs: JobRow
  signing_keys: SigningKeyRow
  audit: AuditRow
  totp: TotpRow
  authenticators: AuthenticatorRow
  recovery_codes: RecoveryCodeRow
  guess_counts: GuessCountRow
  retained_keys: RetainedKeyRow
  import_runs: ImportRunRow
  legacy_links: LegacyLinkRow
  hash_secrets: HashSecretRow
  legacy_sessions: LegacySessionRow
  legacy_endings: LegacyEndingRow
  known_addresses: KnownAddressRow
  passkeys: PasskeyRow
  trusted_devices: TrustedDeviceRow
  openid_artifacts: OpenidArtifactRow
  openid_consents: OpenidConsentRow
  operators: OperatorRow
  admin_tokens: AdminTokenRow
  traffic: TrafficRow
  nodes: NodeRow
  blocks: BlockRow
  settings: SettingRow
  admin_requests: AdminRequestRow
  webhooks: WebhookRow
  webhook_secrets: WebhookSecretRow
  webhook_events: WebhookEventRow
  webhook_deliveries: WebhookDeliveryRow
  webhook_attempts: WebhookAttemptRow
}

export interface AccountRow {
  id: string
  realm: string
  /** As the person wrote it. */
  username: string | null
  /** What is compared: the folded name. */
  username_key: string | null
  /** In lower case, with the domain in ASCII. */
  email: string | null
  email_verified_at: number | null
  /** The dialect whose link was opened by a GET: mail scanners do that, so the address counts as valid there alone. */
  email_seen_through: string | null
  /** E.164. */
  phone: string | null
  phone_verified_at: number | null
  password_hash: string | null
  /** The kind and cost of a hash that another system has made, such as `bcrypt 12`; `null` once it is one of our own. */
  password_kind: string | null
  /** The dialect whose old server knows the password, while there is no hash. */
  password_pending: string | null
  password_changed_at: number | null
  last_sign_in_at: number | null
  disabled_at: number | null
  /** When it is enabled again by itself; `null` where an operator does that. */
  disabled_until: number | null
  profile: string
  /** What another system knew of the person that the person must not write, as JSON: roles, plans. */
  attributes: string | null
  /** The dialect that the account was opened through; `null` where an operator has opened it. */
  signed_up_through: string | null
  /** The one that the person has chosen for pages and mails (BCP 47); `null` where none was. */
  language: string | null
  /** The one that times are shown in (IANA), likewise. */
  time_zone: string | null
  /** When the account is to be deleted, as its owner wants it. */
  deletion_due_at: number | null
  /** When a node has last begun to delete it: from then on its owner cannot keep it. */
  deletion_claimed_at: number | null
  /** When somebody has had an account opened for the person and mailed them; the address is theirs once they have come. */
  invited_at: number | null
  created_at: number
  updated_at: number
}

export interface SessionRow {
  id: string
  realm: string
  account_id: string
  client_id: string
  dialect: string
  generation: number
  rotated_at: number
  created_at: number
  last_used_at: number
  idle_expires_at: number
  absolute_expires_at: number
  user_agent: string | null
  ip: string | null
  second_factor_at: number | null
  ended_at: number | null
  ended_why: string | null
  /** The master key of the oldest refresh token that may still be shown. */
  master_key_id: string
  /** A `Device` of the core as JSON; `null` without a user agent. */
  device: string | null
  /** When the person has last proven who they are, in this session. */
  proven_at: number | null
  /** How they have signed in, as JSON: a list of authentication method references (RFC 8176). */
  methods: string | null
  /** The session of the browser that it ends with, where it does. */
  parent_id: string | null
  /** What was allowed to its client, for OpenID Connect. */
  grant_id: string | null
  /** What its tokens say, as JSON, for OpenID Connect; nothing secret. */
  openid: string | null
  /** 1 when its client is to be told of its end. */
  tell_end: number | null
  /** What a hook has its tokens say besides, as JSON; nothing secret. */
  claims: string | null
}

export interface TicketRow {
  realm: string
  kind: string
  /** Whom or what it is for: at most one ticket of a kind exists for a subject, the newest. */
  subject: string
  hash: string
  account_id: string | null
  client_id: string | null
  dialect: string | null
  payload: string
  attempts: number
  /** When it was made, or asked for where it is made later. */
  created_at: number
  expires_at: number
  consumed_at: number | null
  /** For a short code: it is dead once its client has seen as many failed guesses as this. */
  guess_limit: number | null
  /** For a code: a MAC of the place from which it was asked for; `null` for one that is good from wherever. */
  asked_from: string | null
  /** For a short code: wrong guesses from that place. */
  asker_attempts: number
}

export interface ClientRow {
  realm: string
  dialect: string
  id: string
  kind: string
  origins: string
  redirect_uris: string
  front_end_url: string | null
  brand: string
  settings: string
  /** Set for a client that the configuration declares: it comes and goes with it. */
  declared_at: number | null
  /** SHA-256 of the client's secret, if it has been given one. */
  secret_hash: string | null
  secret_set_at: number | null
  /** That of the secret before it, which is good until `previous_secret_ends_at`. */
  previous_secret_hash: string | null
  previous_secret_ends_at: number | null
}

export interface JobRow {
  id: string
  realm: string
  kind: string
  payload: string
  run_at: number
  attempts: number
  leased_until: number | null
  last_error: string | null
  created_at: number
  done_at: number | null
  dead_at: number | null
  /** Whom it is for, where more than a few at once are too many for them; all are for the same server otherwise. */
  target: string | null
}

export type SigningAlgorithm = 'ES256' | 'RS256'

export interface SigningKeyRow {
  realm: string
  /** 1, 2, 3 …: of each algorithm the highest activated one signs, and the one after it is the next. */
  sequence: number
  id: string
  algorithm: SigningAlgorithm
  public_jwk: string
  /** Empty once the key is retired. */
  private_sealed: string
  created_at: number
  activated_at: number | null
  retired_at: number | null
  /** The id of a master key. Empty once the key is retired. */
  sealed_under: string
}

export interface AuditRow {
  id: string
  realm: string
  at: number
  event: string
  outcome: string
  account_id: string | null
  session_id: string | null
  client_id: string | null
  dialect: string | null
  ip: string | null
  detail: string | null
  /** Who did it, where it was not the caller at the door: `cli`, `operator:` or `token:` and an id. */
  actor: string | null
  /** MAC of what the caller named a person by, where no account is looked up for it. */
  subject: string | null
  /** The reason that an operator gives. */
  note: string | null
}

/** The authenticator of an account: where it has several in force, the first of them. */
export interface TotpRow {
  realm: string
  account_id: string
  secret_sealed: string
  created_at: number
  /** Until then it is pending, and counts for nothing. */
  confirmed_at: number | null
  /** The newest time step of which a code was accepted (RFC 6238). */
  last_step: number | null
  /** A UUID; `null` where it was set up elsewhere than where factors have ids. */
  id: string | null
  /** As its owner calls it. */
  name: string | null
  /** When a code of it was asked for last, where that is kept. */
  challenged_at: number | null
  /** The id of a master key. */
  sealed_under: string
}

/** One that an account has beside the one in `totp`, or that is pending where several can be. */
export interface AuthenticatorRow {
  /** A UUID. */
  id: string
  realm: string
  account_id: string
  /** As its owner calls it; may be empty. */
  name: string
  secret_sealed: string
  /** The id of a master key. */
  sealed_under: string
  created_at: number
  /** Until then it is pending, and counts for nothing. */
  confirmed_at: number | null
  /** The newest time step of which a code was accepted (RFC 6238). */
  last_step: number | null
  /** When a code of it was asked for last. */
  challenged_at: number | null
}

export interface RecoveryCodeRow {
  realm: string
  account_id: string
  hash: string
  created_at: number
  consumed_at: number | null
  /** The id of a master key. */
  hashed_under: string
}

/** Keys derived from a former master key that outlive it. Of no realm. */
export interface RetainedKeyRow {
  /** That of the former master key. */
  id: string
  keys_sealed: string
  /** The id of a master key. */
  sealed_under: string
  created_at: number
}

/** Failed guesses at the short codes of a client, since it exists. */
interface GuessCountRow {
  realm: string
  dialect: string
  client_id: string
  failures: number
}

/** One run of `manydoors import`. */
export interface ImportRunRow {
  id: string
  realm: string
  /** What the system is called whose accounts these are. */
  source: string
  format: string
  /** Names, sizes and fingerprints of the files, as JSON. */
  files: string
  /** As JSON; no secrets. */
  options: string
  /** How many records are done with. */
  position: number
  /** What became of them, as JSON. */
  counts: string
  started_at: number
  finished_at: number | null
  undone_at: number | null
}

/** What another system calls an account. */
export interface LegacyLinkRow {
  realm: string
  /** The system; `identity:<provider>` for the name that an identity provider has for the person. */
  source: string
  source_id: string
  account_id: string
  run_id: string | null
  /** 1 when the run has created the account, 0 when it was there. */
  created_account: number
  /** The entry that it comes from, such as `users.csv:17`. */
  place: string | null
  /** An account that the run has created and nobody has used or changed since was updated then. */
  linked_at: number
}

/** An IP from which another system has seen the owner of an account. */
export interface KnownAddressRow {
  realm: string
  account_id: string
  ip: string
  imported_at: number
}

/** A secret that hashes of another system were made with: a pepper, a signer key. */
export interface HashSecretRow {
  realm: string
  id: string
  secret_sealed: string
  /** The id of a master key. */
  sealed_under: string
  created_at: number
}

/** A session of another system, by a hash of a token of its own. */
export interface LegacySessionRow {
  realm: string
  /** The system, as in `legacy_links`; the dialect of the door where the token was not imported but shown first there. */
  source: string
  /** `sha256:` or `sha512:` and hexadecimal digits. */
  hash: string
  account_id: string
  /** The client that the token is of, where that is known. */
  client_id: string | null
  /** The session of ours that the token was exchanged for, or stands for; `null` where it was given up unused. */
  session_id: string | null
  created_at: number
  expires_at: number
  consumed_at: number | null
}

/** When all sessions of an account that was imported were ended last. */
interface LegacyEndingRow {
  realm: string
  account_id: string
  /** Empty for those of every door. */
  dialect: string
  ended_at: number
}

/** A passkey: a WebAuthn credential that signs its owner in. All of it is public. */
export interface PasskeyRow {
  realm: string
  /** The credential id in base64url. */
  id: string
  account_id: string
  /** The domain that it is good for. */
  rp_id: string
  /** COSE, in base64url. */
  public_key: string
  /** The signature counter; 0 for authenticators that have none, as those that synchronize. */
  counter: number
  /** How browsers reach its authenticator, as JSON. */
  transports: string
  /** The model of its authenticator. */
  aaguid: string
  /** 1 when it may be synchronized to other devices. */
  backup_eligible: number
  /** 1 when it is. */
  backed_up: number
  /** What its owner calls it. */
  name: string
  /** Of the browser that has made it. */
  user_agent: string | null
  created_at: number
  last_used_at: number | null
  /** When it was last used with a counter that was used before, as a copy of it would be. */
  suspected_at: number | null
}

/** A browser that is not asked for the second factor of an account. */
export interface TrustedDeviceRow {
  realm: string
  id: string
  account_id: string
  /** Of the secret that the browser keeps. */
  hash: string
  /** A `Device` of the core as JSON; `null` without a user agent. */
  device: string | null
  ip: string | null
  created_at: number
  expires_at: number
}

/** What the OpenID Connect library keeps: codes, interactions, grants and the like. */
export interface OpenidArtifactRow {
  realm: string
  /** SHA-256 of its kind and of the value that finds it, which a client or a browser may hold. */
  id: string
  kind: string
  uid_hash: string | null
  /** A MAC of the code that a person types for a device. */
  user_code_hash: string | null
  grant_id: string | null
  account_id: string | null
  /** The session of the browser that it was made in. */
  session_id: string | null
  payload_sealed: string
  /** The id of a master key. */
  sealed_under: string
  created_at: number
  expires_at: number
  consumed_at: number | null
}

/** What a person has allowed an app. */
export interface OpenidConsentRow {
  realm: string
  account_id: string
  client_id: string
  /** As JSON: a list of scopes; those of a resource are `resource scope`. */
  scopes: string
  granted_at: number
}

/** Who runs this server: an account of the realm of operators, which holds name and ways in. */
export interface OperatorRow {
  realm: string
  account_id: string
  name: string
  role: string
  /** The realms that they are held to, as JSON; `null` for all. */
  realms: string | null
  /** As in the audit trail. */
  invited_by: string | null
  created_at: number
}

/** What a program shows to the API of operators. */
export interface AdminTokenRow {
  realm: string
  id: string
  /** SHA-256 of the token. */
  hash: string
  name: string
  /** Capabilities, as JSON. */
  scopes: string
  /** The realms that it is held to, as JSON; `null` for all. */
  realms: string | null
  /** As in the audit trail. */
  made_by: string
  created_at: number
  expires_at: number
  revoked_at: number | null
  last_used_at: number | null
  last_used_ip: string | null
}

/** How much of a kind was asked for at one node in one minute. */
export interface TrafficRow {
  realm: string
  /** When it began, in epoch milliseconds. */
  minute: number
  /** That of `nodes`. */
  node: string
  /** Empty where no door has a part in it. */
  dialect: string
  kind: string
  ok: number
  refused: number
  failed: number
  /** How many ended in which way, as JSON; `ok` is left out. */
  outcomes: string
  /** How many took how long, as JSON: a list in the order of the core's bounds; empty where nothing was timed. */
  buckets: string
}

/** A process that serves. */
export interface NodeRow {
  /** A new one with each start. */
  id: string
  /** What its machine is called. */
  host: string
  pid: number
  version: string
  started_at: number
  seen_at: number
  /** The memory that it takes, in bytes. */
  rss: number
}

/** An address, or a range of them, that operators have closed a realm to. */
export interface BlockRow {
  realm: string
  range: string
  reason: string
  actor: string
  created_at: number
  ends_at: number
}

/** What an operator has set while servers ran, after the settings file. */
export interface SettingRow {
  /** Empty for what holds for all realms. */
  realm: string
  name: string
  /** As it was typed, as JSON. */
  value: string
  set_at: number
  actor: string | null
}

/** What a program has asked of the API of operators under a key of its own. */
export interface AdminRequestRow {
  realm: string
  /** A MAC of the key, under a secret that the program's token holds. */
  id: string
  /** A MAC of what was asked, likewise. */
  input_hash: string
  /** What was answered, sealed under such a secret; `null` until it is. */
  answer: string | null
  created_at: number
  expires_at: number
}

/** An address outside that is told what happens. */
export interface WebhookRow {
  realm: string
  id: string
  url: string
  description: string
  /** Which types of events it is told of, as JSON: whole types, and beginnings such as `session.*`. */
  types: string
  created_at: number
  paused_at: number | null
  /** `operator`, or `gone` where the endpoint has said that it wants no more. */
  paused_why: string | null
  /** Since when no attempt has succeeded; `null` once one has. */
  failing_since: number | null
}

/** A secret that deliveries to an endpoint are signed with. */
export interface WebhookSecretRow {
  realm: string
  id: string
  webhook_id: string
  secret_sealed: string
  /** The id of a master key. */
  sealed_under: string
  created_at: number
  /** Until then it signs, too, though a newer one has taken its place. */
  ends_at: number | null
}

/** Something that has happened, until there are deliveries of it. */
export interface WebhookEventRow {
  realm: string
  /** That of the row of the audit trail which tells of the same. */
  id: string
  type: string
  account_id: string | null
  /** What is sent, as JSON. */
  payload: string
  /** 1 where nothing of it is to be kept once it was delivered. */
  forgets: number
  at: number
}

export type WebhookDeliveryState = 'queued' | 'waiting' | 'delivered' | 'failed'

/** One event for one endpoint. */
export interface WebhookDeliveryRow {
  realm: string
  /** What receivers tell repetitions by; also that of its job. */
  id: string
  webhook_id: string
  event_id: string
  type: string
  account_id: string | null
  /** As of the event; `null` once it is forgotten. */
  payload: string | null
  forgets: number
  /** `queued`: it has no job yet, as its endpoint is paused or it was just asked for again. */
  state: WebhookDeliveryState
  /** Since it was first tried, also before it was sent anew. */
  attempts: number
  /** The status of the last answer. */
  last_status: number | null
  last_error: string | null
  created_at: number
  /** No attempt is made after the first one that fails from then on. */
  give_up_at: number
  ended_at: number | null
}

/** One attempt at a delivery. */
export interface WebhookAttemptRow {
  realm: string
  delivery_id: string
  /** From 1. */
  number: number
  at: number
  ms: number
  /** Of the answer, if there was one. */
  status: number | null
  error: string | null
  /** How the answer begins, as text. */
  answer: string | null
}
