import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../http/types.ts'
import type { Operation } from '../operations/operation.ts'
import { isTextFile } from '../operations/text-file.ts'
import type { ConsoleParts } from './console-parts.ts'
import type { Notice } from './notice.ts'
import { type Told, troubleOf } from './problems.ts'
import { sendTextFile } from './text-file.ts'
import { type Texts, textsFor } from './texts.ts'
import { fieldsOf, goOn, performFor, requireMay, sendConsole } from './visit.ts'

/** The page that asks before something is done that cannot simply be taken back. */
export interface Confirmation {
  /** Of the page and of its form, below `/admin`; parameters are fields of the operation. */
  path: string
  operation: Operation
  /** The entry of the menu that it belongs to. */
  current: string
  title: keyof Texts
  /** The verb on the button. */
  button: keyof Texts
  /** What will happen, and what will not. */
  will: (keyof Texts)[]
  willNot?: (keyof Texts)[]
  /** Whom or what it is about, in a line; throws where there is no such thing. */
  subject?(request: FastifyRequest): Promise<string>
  /** More fields of its form, by names of templates `_confirm-NAME`. */
  fields?: string[]
  /** Where Cancel leads, and the browser once it is done. */
  back(request: FastifyRequest): string
  /** Where the browser is led once it is done, when not back. */
  next?(request: FastifyRequest): string
  notice: Notice
}

/** Serves the page of a confirmation, and does what it is for once that is sent with a reason; a file that comes of it is answered. */
export function confirmation(scope: App, { sendPage }: ConsoleParts, asked: Confirmation): void {
  const { operation, path } = asked
  const config = { needsOperatorProof: operation.isDangerous ?? false }
  const show = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    requireMay(request, operation)
    const texts = textsFor(request)
    const data = {
      action: request.url.split('?', 1)[0],
      title: texts[asked.title],
      button: texts[asked.button],
      will: asked.will.map((text) => texts[text]),
      willNot: (asked.willNot ?? []).map((text) => texts[text]),
      subject: await asked.subject?.(request),
      fields: asked.fields ?? [],
      back: asked.back(request),
      given: fieldsOf(request),
    }
    return sendConsole(
      sendPage,
      { request, reply, trouble },
      { template: 'confirm', current: asked.current, data },
    )
  }

  scope.get(`/admin${path}`, { config }, (request, reply) => show(request, reply))
  scope.post(`/admin${path}`, { config }, async (request, reply) => {
    try {
      const answer = await performFor(request, operation)
      if (isTextFile(answer)) return sendTextFile(reply, answer)
      return goOn(request, reply, (asked.next ?? asked.back)(request), asked.notice)
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })
}
