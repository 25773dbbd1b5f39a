import type { FastifyRequest } from 'fastify'
import { languageOf } from '../../../http/origin.ts'
import { tellDefault, tellSetting } from '../setting-texts.ts'

/** A setting with what is said of it in the language of the request. */
export function inLanguageOf<Setting extends { description: string; default: string | null }>(
  request: FastifyRequest,
  setting: Setting,
): Setting {
  const language = languageOf(request)
  const { description, default: standsIn } = setting
  return {
    ...setting,
    description: tellSetting(description, language),
    default: standsIn === null ? null : tellDefault(standsIn, language),
  }
}
