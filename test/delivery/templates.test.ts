import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Language } from '../../src/core/context.ts'
import { createMessageRenderer } from '../../src/delivery/render.ts'
import { type MessageName, messageSamples } from '../../src/delivery/samples.ts'

const languages: Language[] = ['en', 'nb']
const mails = (Object.keys(messageSamples) as MessageName[]).filter((name) => name !== 'reset-code')

/** Where a mail leads: what was changed can be undone, and who has lost an account can only ask for help. */
function waysOn(name: MessageName): RegExp[] {
  if (name === 'change-undone') return []
  const sample = messageSamples[name]
  if (!('time' in sample)) return [/https:\/\/auth\.example\.com\/ui\//]
  if ('consoleLink' in sample) return [/\/admin\/access/]
  return [/\/ui\/account\/activity/, 'link' in sample ? /\/ui\/page\?token=/ : /\/ui\/forgot-password/]
}

const linksOf = (html: string) => [...html.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, link]) => link ?? '')
const unescaped = (html: string) => html.replaceAll('&amp;', '&').replaceAll('&#39;', "'")

describe('a mail', () => {
  const renderer = createMessageRenderer(undefined)

  for (const name of mails) {
    for (const language of languages) {
      const sample = messageSamples[name]
      const written = () => renderer.mail(name, language, sample)

      it(`of ${name} has a subject, text and HTML in ${language}, and the same links in both`, async () => {
        const { subject, text, html } = await written()
        assert.ok(subject.length > 10 && subject.length < 120, subject)
        assert.ok(text.length > 150, text)
        assert.doesNotMatch(`${subject}\n${text}`, /[{}<>]|undefined/)
        assert.doesNotMatch(text, /\n{3}/)
        assert.match(html, new RegExp(`<html lang="${language}">`))
        const links = new Set(linksOf(html).map(unescaped))
        assert.equal(links.size > 0, waysOn(name).length > 0)
        assert.deepEqual(new Set(text.match(/https?:\/\/\S+/g)), links)
      })

      it(`of ${name} says in ${language} who sends it, to whom and why`, async () => {
        const { text, html } = await written()
        const why =
          language === 'en'
            ? /Sent by Example to ada@example\.com, because /
            : /Sendt av Example til ada@example\.com, fordi /
        assert.match(text, why)
        assert.match(html, why)
      })

      it(`of ${name} loads nothing in ${language} but the image of the brand`, async () => {
        const { html } = await written()
        const loaded = [...html.matchAll(/(?:src|srcset|background)="([^"]*)"|url\(([^)]*)\)|@import/g)]
        assert.deepEqual(
          loaded.map(([, source]) => source),
          ['https://example.com/logo.png'],
        )
        assert.doesNotMatch(html, /<(script|link|iframe|object|form|input)\b/)
      })

      if ('time' in sample) {
        it(`of ${name} names in ${language} when, on what and from where it was, and what to do`, async () => {
          const { text, html } = await written()
          for (const form of [text, html]) {
            assert.match(form, /29 November 2026 at 06:15 UTC/)
            assert.match(form, /Firefox, Linux/)
            assert.match(form, /203\.0\.113\.7/)
            for (const way of waysOn(name)) assert.match(form, way)
          }
        })
        it(`of ${name} can be written in ${language} of what a release before has queued`, async () => {
          const { brand, email, activityLink, resetLink } = messageSamples['password-changed']
          const { text, html } = await renderer.mail(name, language, {
            brand,
            email,
            activityLink,
            resetLink,
          })
          for (const form of [text, html])
            assert.doesNotMatch(form, /When:|Når:|Device:|Enhet:|IP address:|IP-adresse:|“”|«»/)
        })
      }
    }
  }
})
