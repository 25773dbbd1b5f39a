import { runStatements, type SchemaChange } from './migrate.ts'

/** What operators see of the running servers, and the addresses that they have blocked. */
export const operations: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `create table traffic (
    realm text not null,
    minute bigint not null,
    node text not null,
    dialect text not null,
    kind text not null,
    ok bigint not null,
    refused bigint not null,
    failed bigint not null,
    outcomes text not null,
    buckets text not null,
    constraint traffic_id primary key (realm, minute, node, dialect, kind)
  )`,
  `create index traffic_minute on traffic (minute)`,
  `create table nodes (
    id text primary key not null,
    host text not null,
    pid bigint not null,
    version text not null,
    started_at bigint not null,
    seen_at bigint not null,
    rss bigint not null
  )`,
  `create table blocks (
    realm text not null,
    range text not null,
    reason text not null,
    actor text not null,
    created_at bigint not null,
    ends_at bigint not null,
    constraint blocks_id primary key (realm, range)
  )`,
  `create index blocks_ends_at on blocks (ends_at)`,
  // Of the refused alone: whoever gets in writes no more than before.
  `create index audit_refused on audit (realm, id, ip) where outcome = 'refused' and ip is not null`,
  `create index audit_reuse on audit (realm, id) where event = 'session.reuse_detected'`,
]
