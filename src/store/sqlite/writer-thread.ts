import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { compactHeap } from '../../lib/compact-heap.ts'
import { openSqliteFile, type SqliteFile } from './file.ts'
import { GroupCommit } from './group-commit.ts'
import { sendError, type WriterReady, type WriterRequest } from './writer-messages.ts'

/** The thread that owns the connection which writes. */
const port = parentPort
if (!port) throw new Error('the writer runs in a thread of its own')

let file: SqliteFile | undefined
let error: unknown
try {
  // Before each batch: nothing is acknowledged that is lost.
  file = openSqliteFile(workerData.path, { inodeCheckIntervalMs: 0 })
} catch (thrown) {
  error = thrown
}
const ready: WriterReady = { ready: true, ...(error !== undefined && { error: sendError(error) }) }
port.postMessage(ready)

if (file) {
  const receive = (): WriterRequest[] | undefined => receiveMessageOnPort(port)?.message
  const groupCommit = new GroupCommit(file, {
    receive,
    send: (answers) => port.postMessage(answers),
    end: () => port.close(),
  })
  port.on('message', (requests: WriterRequest[]) => groupCommit.take(requests))
  compactHeap()
} else {
  port.close()
}
