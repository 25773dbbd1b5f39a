import { runStatements, type SchemaChange } from './migrate.ts'

/** Where the world outside is told what happens, what there is to tell, and how it went. */
export const webhooks: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `create table webhooks (
    realm text not null,
    id text primary key not null,
    url text not null,
    description text not null,
    types text not null,
    created_at bigint not null,
    paused_at bigint,
    paused_why text,
    failing_since bigint
  )`,
  `create index webhooks_realm on webhooks (realm, id)`,
  `create table webhook_secrets (
    realm text not null,
    id text primary key not null,
    webhook_id text not null references webhooks (id) on delete cascade,
    secret_sealed text not null,
    sealed_under text not null,
    created_at bigint not null,
    ends_at bigint
  )`,
  `create index webhook_secrets_webhook on webhook_secrets (webhook_id)`,
  `create table webhook_events (
    realm text not null,
    id text primary key not null,
    type text not null,
    account_id text,
    payload text not null,
    forgets bigint not null,
    at bigint not null
  )`,
  `create index webhook_events_realm on webhook_events (realm, id)`,
  `create index webhook_events_account on webhook_events (account_id) where account_id is not null`,
  `create table webhook_deliveries (
    realm text not null,
    id text primary key not null,
    webhook_id text not null,
    event_id text not null,
    type text not null,
    account_id text,
    payload text,
    forgets bigint not null,
    state text not null,
    attempts bigint not null,
    last_status bigint,
    last_error text,
    created_at bigint not null,
    give_up_at bigint not null,
    ended_at bigint
  )`,
  `create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, id)`,
  `create index webhook_deliveries_state on webhook_deliveries (webhook_id, state, id)`,
  `create index webhook_deliveries_account on webhook_deliveries (account_id) where account_id is not null`,
  `create table webhook_attempts (
    realm text not null,
    delivery_id text not null references webhook_deliveries (id) on delete cascade,
    number bigint not null,
    at bigint not null,
    ms bigint not null,
    status bigint,
    error text,
    answer text,
    constraint webhook_attempts_id primary key (delivery_id, number)
  )`,
]
