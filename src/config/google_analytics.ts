import * as z from 'zod'
import { pseudonymKeys } from './pseudonyms.ts'
import { count, required, secureAddress, text } from './values.ts'

const servers = { global: 'https://www.google-analytics.com', eu: 'https://region1.google-analytics.com' }
const consentTo = (what: string) =>
  z
    .enum(['granted', 'denied'], { error: 'expected granted or denied' })
    .default('denied')
    .describe(`Consent to ${what}.`)

/** How events are sent to Google Analytics 4. */
export const googleAnalyticsKeys = {
  measurement_id: required('It stands in Google Analytics under Admin > Data streams')
    .regex(/^G-[A-Z0-9]+$/, 'expected the measurement id of a web data stream, such as G-ABCDE12345')
    .describe('The measurement id of a web data stream.')
    .meta({ examples: ['G-ABCDE12345'] }),
  api_secret: required(
    'Make one in Google Analytics under Admin > Data streams > Measurement Protocol API secrets',
  ).describe(
    'A Measurement Protocol API secret of the data stream. Google never says that it is wrong. Best kept in `secrets_file`.',
  ),
  server: z
    .union([z.enum(['global', 'eu']), secureAddress], {
      error: 'expected global, eu, or an address that begins with https://',
    })
    .default('global')
    .describe('Where data is collected: `global`, `eu`, or the address of what passes it on.'),
  late: z
    .enum(['drop', 'restamp'], { error: 'expected drop or restamp' })
    .default('drop')
    .describe(
      'What becomes of an event older than 72 hours, which Google does not take with its time: `drop` keeps it among the dead letters; `restamp` sends it as if it were not older, with its time as parameter `occurred_at`.',
    ),
  validation_behavior: z
    .enum(['relaxed', 'enforce_recommendations'], { error: 'expected relaxed or enforce_recommendations' })
    .default('relaxed')
    .describe("How strict Google is, by its own documentation. Events are within Google's limits either way."),
  consent: z
    .strictObject({
      ad_user_data: consentTo('the use of data for advertising'),
      ad_personalization: consentTo('personalised advertising'),
    })
    .prefault({})
    .describe('What is said to Google of consent, with every event.'),
  user_properties: z
    .array(text(': a field'))
    .max(25, 'Google takes 25 at most')
    .default([])
    .describe('Fields of the payload that are sent as properties of the user instead of parameters of the event.'),
  record_days: count(2)
    .default(400)
    .describe(
      'How long it is remembered that an event was sent, so that it is never sent again: longer than `events.keep_days` and `events.keep_dead_days`.',
    ),
  ...pseudonymKeys,
}

export function googleAnalyticsServer(server: string): string {
  return servers[server as keyof typeof servers] ?? server
}
