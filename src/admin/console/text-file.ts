import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { TextFile } from '../operations/text-file.ts'

/** Answers with a file for the browser to keep, as it is made. */
export function sendTextFile(reply: FastifyReply, { type, name, parts }: TextFile): FastifyReply {
  return reply
    .headers({
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    })
    .send(Readable.from(parts))
}
