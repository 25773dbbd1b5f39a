import { z } from 'zod'
import { limits } from '../core/limits.ts'
import { defaultRetention } from '../core/pruning.ts'
import { isAddressOrRange } from '../lib/ip.ts'
import { metricsSection } from '../observation/metrics-config.ts'
import { smsAuthorization, smsBody, smsUrl } from '../sms-config.ts'
import * as fields from './fields.ts'
import { hashingSection } from './hashing-section.ts'
import { realmSection } from './realm-schema.ts'
import { duration, durationText, secretSetting, wholeNumber, yesOrNo } from './setting-types.ts'

const addressOrRange = z
  .string('must be an address or a range such as 10.0.0.0/8')
  .refine(isAddressOrRange, 'must be an address or a range such as 10.0.0.0/8')

const phonePrefix = z
  .string('must be the beginning of a number such as +47')
  .refine(fields.isPhonePrefix, 'must be the beginning of a number such as +47')

const limit = z.union(
  [
    z.literal('off'),
    z.strictObject({
      points: wholeNumber({ min: 1, max: 1_000_000 }).describe('How many'),
      per: duration({ min: '1s', max: '366d' }).describe('In what time'),
    }),
  ],
  'must be off, or have points and per, such as { points: 10, per: 15m }',
)

const { audit, sessions, tickets, doneJobs, deadJobs, pendingSecondFactors } = defaultRetention

const retentionSection = z
  .strictObject(
    {
      audit: kept('1d', audit, 'Rows of the audit trail'),
      sessions: kept('1d', sessions, 'Sessions that have ended or expired'),
      tickets: kept('2d', tickets, 'Links and codes that have expired'),
      doneJobs: kept('1h', doneJobs, 'Messages that were sent'),
      deadJobs: kept('1d', deadJobs, 'Messages that were given up'),
      pendingSecondFactors: kept('1h', pendingSecondFactors, 'Second factors that were never confirmed'),
    },
    fields.section,
  )
  .nullish()
  .describe('How long what is over is kept. See docs/accounts.md')

function kept(min: string, usual: number, what: string) {
  return duration({ min, max: '3650d' })
    .optional()
    .describe(`${what} (${usual / 86_400}d)`)
}

const limitSections = z.strictObject(
  Object.fromEntries(
    Object.values(limits).map(({ name, points, seconds, reason }) => [
      name,
      limit.optional().describe(`${reason} (${points} in ${durationText(seconds)})`),
    ]),
  ),
  fields.section,
)

/** What `manydoors.yaml` may say. */
export const FileSchema = z
  .strictObject(
    {
      publicUrl: fields.publicUrl
        .optional()
        .describe('Where people reach this server: issuer of tokens, base of links (http://localhost:PORT)'),
      host: fields.text.optional().describe('The address to listen on (127.0.0.1)'),
      port: wholeNumber({ min: 0, max: 65535 }).optional().describe('The port to listen on (5000)'),
      keepAlive: fields.keepAlive
        .optional()
        .describe(
          'How long a connection that nobody uses is kept open; longer than the proxy before it keeps one (75s)',
        ),
      data: fields.text.optional().describe('Folder of the embedded database and of development (data)'),
      ...secretSetting(
        'database',
        fields.databaseUrl,
        'sqlite:PATH or postgres://… (SQLite in the data folder)',
      ),
      ...secretSetting('secret', fields.masterKey, 'The master key: 32 bytes in base64'),
      ...secretSetting(
        'nextSecrets',
        fields.masterKeys,
        'Master keys to come, while the key is being changed',
      ),
      ...secretSetting(
        'previousSecrets',
        fields.masterKeys,
        'Master keys that were replaced, while the key is being changed',
      ),
      logLevel: fields.logLevel.optional().describe('What is logged (info in production, else warn)'),
      logRequests: yesOrNo()
        .optional()
        .describe('Whether every request is logged, in a line of its own (false)'),
      metrics: metricsSection,
      templates: fields.templateFolder.optional().describe('A folder with your own pages and messages'),
      trustedProxies: z
        .array(addressOrRange, 'must be a list of addresses and ranges')
        .optional()
        .describe('Reverse proxies whose X-Forwarded-For is believed'),
      keys: z
        .strictObject(
          {
            rotateEvery: duration({ min: '1d', max: '3650d' })
              .optional()
              .describe('How long a signing key signs (90d)'),
          },
          fields.section,
        )
        .nullish()
        .describe('The keys that sign access tokens'),
      hashing: hashingSection,
      retention: retentionSection,
      smtp: z
        .strictObject(
          {
            ...secretSetting('url', fields.smtpUrl, 'smtp://user:password@host:587 or smtps://…'),
            from: fields.sender
              .optional()
              .describe('The sender of mails, such as "Example <auth@example.com>"'),
            replyTo: fields.sender.optional().describe('Where answers to mails go (the sender)'),
            name: fields.smtpName
              .optional()
              .describe('What this server calls itself in SMTP (the host of publicUrl)'),
          },
          fields.section,
        )
        .nullish()
        .describe('The mail server'),
      sms: z
        .strictObject(
          {
            ...secretSetting('url', smsUrl, 'twilio://… or https://…'),
            ...secretSetting('authorization', smsAuthorization, 'The Authorization header of each message'),
            from: fields.text.optional().describe('The sender of messages'),
            body: smsBody.optional().describe('The form or JSON that a message is sent as'),
            allowedPrefixes: z
              .array(phonePrefix, 'must be a list of beginnings of numbers')
              .optional()
              .describe('Beginnings of the numbers that messages may go to'),
          },
          fields.section,
        )
        .nullish()
        .describe('The gateway for text messages'),
      limits: limitSections.nullish().describe('What may be tried how often, by the names of the limits'),
      realms: z
        .record(
          z
            .string()
            .regex(
              /^[a-z][a-z\d-]{0,31}$/,
              'is no name for a realm: it is up to 32 small letters, digits and hyphens',
            ),
          realmSection,
          fields.section,
        )
        .nullish()
        .describe('Populations of accounts, by their names; one that is called main when there is none'),
    },
    fields.section,
  )
  .describe('Manydoors')

export type FileSettings = z.output<typeof FileSchema>
