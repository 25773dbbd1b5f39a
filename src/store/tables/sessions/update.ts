import type { Database } from '../../types.ts'

/** Begins to change a session, whether it has ended or not. */
export function updateSession(db: Database, realm: string, id: string) {
  return db.updateTable('sessions').where('id', '=', id).where('realm', '=', realm)
}
