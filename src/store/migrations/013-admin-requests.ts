import { runStatements, type SchemaChange } from './migrate.ts'

/** What programs have asked of the API of operators under a key of theirs, for a day: so that it is done once. */
export const adminRequests: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `create table admin_requests (
    realm text not null,
    id text not null,
    input_hash text not null,
    answer text,
    created_at bigint not null,
    expires_at bigint not null,
    constraint admin_requests_id primary key (realm, id)
  )`,
  `create index admin_requests_expiry on admin_requests (expires_at)`,
]
