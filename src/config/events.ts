import * as z from 'zod'
import { hubWindow } from '../availability/hub_window.ts'
import { destination } from './destinations.ts'
import { address, count, expected, file, section, text, yesOrNo } from './values.ts'

/** Of queues, and of what hands events over to RabbitMQ. */
const ownNames = new Set(['exchange', 'receipts'])

const rabbitmq = section({
  url: address(/^amqps?:\/\//, 'an address that begins with amqp:// or amqps://')
    .describe('Where RabbitMQ is, with user, password and virtual host. Best kept in `secrets_file`.')
    .meta({ examples: ['amqps://workflow:PASSWORD@broker:5671/events'] }),
  verify_ssl: yesOrNo.default(true).describe("Whether RabbitMQ's certificate is verified."),
  ca_file: file.nullable().default(null).describe('The CA that signed it, where the system does not know that CA.'),
  exchange: text(': a name')
    .regex(/^[\w.-]{1,100}$/, 'expected up to 100 letters, digits, dots, _ and -')
    .default('workflow.events')
    .describe('The topic exchange that events are published to; its name also begins the names of the queues.'),
  clowder_exchange: text('')
    .nullable()
    .default('clowder.metrics')
    .describe("The fanout exchange of Clowder's events, which is bound to ours; null: none."),
})

const limits = section({
  body_bytes: count(1000).default(1_048_576).describe('The largest request.'),
  batch: count(1).default(1000).describe('The most events in one request.'),
  rate_per_second: count(1)
    .default(5000)
    .describe('How many events one key may send in a second, in the long run (429).'),
  burst: count(1).default(20_000).describe('How many it may send at once after a pause.'),
  waiting: count(1)
    .default(1_000_000)
    .describe('How many events may wait for a destination before no more are accepted (503).'),
})

/** The hub of events. */
export const events = section({
  file: file
    .default('events.sqlite')
    .describe('The SQLite file in which events are kept, from when they are accepted. A folder of its own is best.'),
  keep_days: count(1).default(30).describe('How long an event is kept after every destination has it.'),
  keep_dead_days: count(1).default(90).describe('How long one is kept that could not be delivered.'),
  maintenance: z
    .array(hubWindow, { error: (issue) => expected(issue.input, 'a list of windows') })
    .prefault([])
    .describe('When failures and silence of probes, and of what is pushed, are expected; more through the API.')
    .meta({ examples: [[{ name: 'backup', start: '2026-06-25T22:00', duration_minutes: 60, repeat: 'daily' }]] }),
  keep_counts_days: count(31)
    .default(400)
    .describe(
      'How long counts of events, and how available everything was, are kept: by the hour, and without events.',
    ),
  limits: limits.prefault({}).describe('What one request, and all that waits, may be at most.'),
  rabbitmq: rabbitmq
    .nullable()
    .default(null)
    .describe(
      'Where events go through RabbitMQ: `serve` publishes them, and a `work` for each destination delivers them. Without it `serve` delivers them itself.',
    ),
  destinations: z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a name is up to 40 lower-case letters, digits, _ and -')
        .refine((name) => !ownNames.has(name), 'is the name of something of our own. Take another'),
      destination,
      { error: (issue) => expected(issue.input, 'a section of destinations') },
    )
    .prefault({})
    .describe('Where events are delivered to, each under a name of its own.'),
})
  .superRefine(({ destinations, ...kept }, context) => {
    const longestDays = Math.max(kept.keep_days, kept.keep_dead_days)
    for (const [name, { kind, ...settings }] of Object.entries(destinations)) {
      if (kind !== 'google_analytics' || !('record_days' in settings) || settings.record_days > longestDays) continue
      const message = `must be more than ${longestDays}, for which an event may be kept and sent again`
      context.addIssue({ code: 'custom', path: ['destinations', name, 'record_days'], message })
    }
  })
  .optional()
  .describe('The hub of events: what `serve` accepts at `/v1/events`, and where it goes. Left out: there is none.')

export type EventsSettings = NonNullable<z.output<typeof events>>
