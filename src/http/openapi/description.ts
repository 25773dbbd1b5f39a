import type { z } from 'zod'
import type { AuthError, ErrorCode } from '../../core/errors.ts'
import type { DescribedParameter } from './document.ts'

/**
 * What a door answers: the part of its OpenAPI document that its routes do not say by themselves. Nothing of it is looked
 * at while requests are served.
 */
export interface DoorDescription {
  title: string
  /** For whoever writes a client: Markdown. */
  description: string
  /** The body of every refusal. */
  errorBody: z.ZodType
  /**
   * The field of such a body that holds the dialect's own word for what is wrong: of each answer the words are listed. Where
   * bodies have several forms, that of each, and first the one of whoever asks for none.
   */
  errorWord?: string | [string, ...string[]]
  /** Headers of OpenAPI that every refusal may have, by their names. */
  errorHeaders?: Record<string, object>
  /** What the fields of requests mean, by their names. */
  fields?: Record<string, string>
  /** How callers show who they are: security schemes of OpenAPI, by names of their own. */
  securitySchemes?: Record<string, Record<string, string>>
  /** Of all routes that say nothing of their own. None is needed when not given. */
  security?: Security
  /** Headers that every route reads: parameters of OpenAPI. */
  parameters?: DescribedParameter[]
  /** What every route may be refused with, besides what meets every door. */
  refusals?: Refusal[]
  /** All that it serves, as `POST /path/:name`. */
  routes: Record<string, RouteDescription>
}

export interface RouteDescription {
  /** What it does, in a few words without a full stop. */
  summary: string
  /** Markdown. */
  description?: string
  /** What is sent, as the document of the API shows it: fields of the body, the query and the path by their names. */
  example?: Record<string, unknown>
  /** Fields without which it refuses, where it finds that out by itself. */
  required?: string[]
  /** The fields that hold a new password: their lengths are those that operators have set. */
  newPassword?: string
  security?: Security
  /** Headers that it reads, besides those of every route: parameters of OpenAPI. */
  parameters?: DescribedParameter[]
  /** Headers of OpenAPI that all its answers may have, by their names. */
  headers?: Record<string, object>
  /** Its successes, by status; none where it refuses everything. */
  answers: Record<number, Answer>
  /** What it may be refused with, besides what meets every route of the door. */
  refusals?: Refusal[]
  /** The body of its refusals, where that is not the door's. */
  errorBody?: z.ZodType
  /** How an error of it looks, where its own error handler words some otherwise than the door; `undefined` for the others. */
  renderError?(error: AuthError): Pick<OwnRefusal, 'status' | 'body'> | undefined
  /** It is opened in a browser, and refuses with a page. */
  refusesWithPage?: true
}

export interface Answer {
  /** What has come of the request. */
  description: string
  /** JSON; there is no body where it is not given. */
  body?: z.ZodType
  /** It is a page, for a browser. */
  isPage?: true
  /** Such a body, as the document of the API shows it. */
  example?: unknown
  /** Headers of OpenAPI that it has besides, by their names. */
  headers?: Record<string, object>
}

/** Ways in, one of which is enough, each with the names of all security schemes that it takes: `[{ bearer: [] }]`. */
type Security = Record<string, string[]>[]

/** A code of the core, which the dialect has its words for, or what a route says by itself. */
export type Refusal = ErrorCode | OwnRefusal

export interface OwnRefusal {
  /** Names it in the document. */
  code: string
  status: number
  body: unknown
}
