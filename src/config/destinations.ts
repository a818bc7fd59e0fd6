import * as z from 'zod'
import { amplitudeKeys } from './amplitude.ts'
import { googleAnalyticsKeys } from './google_analytics.ts'
import { influxdbKeys, influxdbMistakes } from './influxdb.ts'
import { mongodbKeys } from './mongodb.ts'
import { count, expected, text, yesOrNo } from './values.ts'

const pattern = text(': a pattern').refine(
  (value) => /^(?:[\w-]+|\*|#)(?:\.(?:[\w-]+|\*|#))*$/.test(value) && value.split('#').length <= 3,
  'expected words with dots between them, such as user_activity.login; * is any word, # any number of words, twice at most',
)

/** What every destination has. */
const common = {
  filter: z
    .array(pattern, { error: (issue) => expected(issue.input, 'a list of patterns') })
    .min(1, 'expected at least one pattern')
    .prefault(['#'])
    .describe('Which events it gets, as patterns over `category.type`: `*` is one word, `#` any number.')
    .meta({ examples: [['user_activity.*', 'probe.#']] }),
  fields: z
    .array(z.string())
    .nullable()
    .default(null)
    .describe("Which fields of an event's payload it gets; null: all."),
  personal: yesOrNo.default(false).describe('Whether it gets the fields that tell who somebody is.'),
  batch: count(1).default(500).describe('The most events that are sent at once.'),
  retry: z
    .strictObject({
      attempts: count(1)
        .default(8)
        .describe('How often an event is tried that fails while others pass, before it is a dead letter.'),
      first_seconds: count(1).default(5).describe('How long after the first failure; it doubles each time.'),
      longest_seconds: count(1).default(900).describe('At most so long.'),
    })
    .prefault({})
    .describe('While the destination as a whole is down, events wait and nothing counts as an attempt.'),
}

const influxdb = z
  .strictObject({
    kind: z.literal('influxdb'),
    ...common,
    measurement: text(': a name')
      .regex(
        /^[A-Za-z0-9_-]*(?:\{category\}[A-Za-z0-9_-]*)?$/,
        'expected letters, digits, _ and -, with {category} or not',
      )
      .min(1, 'expected a name')
      .default('event_{category}')
      .describe("The measurement that events are written to; `{category}` stands for the event's own.")
      .meta({ examples: ['events'] }),
    tag_values: count(1)
      .default(200)
      .describe('How many values of one tag are ever written; those after them become `other`.'),
    ...influxdbKeys,
  })
  .superRefine((section, context) => {
    for (const { key, message } of influxdbMistakes(section)) context.addIssue({ code: 'custom', path: [key], message })
  })
  .describe('Points in an InfluxDB, 1.x or 2.x.')

const mongodb = z
  .strictObject({ kind: z.literal('mongodb'), ...common, ...mongodbKeys })
  .describe('Documents in a MongoDB.')

const amplitude = z
  .strictObject({ kind: z.literal('amplitude'), ...common, ...amplitudeKeys })
  .describe('Events of a project in Amplitude.')

const googleAnalytics = z
  .strictObject({ kind: z.literal('google_analytics'), ...common, ...googleAnalyticsKeys })
  .describe('Events of a web data stream in Google Analytics 4.')

const kinds = [influxdb, mongodb, amplitude, googleAnalytics] as const
const kindNames = kinds.map(({ shape }) => shape.kind.value).join(', ')

/** One destination, by its kind. */
export const destination = z.discriminatedUnion('kind', kinds, {
  error: (issue) =>
    issue.code === 'invalid_union' ? `expected one of ${kindNames}` : expected(issue.input, 'a section'),
})

export type DestinationSettings = z.output<typeof destination>
