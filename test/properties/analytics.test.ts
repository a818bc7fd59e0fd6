// Whatever a payload holds, what is sent is within the documented limits.
import fc from 'fast-check'
import t from 'tap'
import type { Choice } from '../../src/events/choice.ts'
import type { HubEvent, Payload } from '../../src/events/event.ts'
import { newEventId } from '../../src/events/event_id.ts'
import { Pseudonyms } from '../../src/events/person.ts'
import { amplitudeEvent } from '../../src/sinks/amplitude_event.ts'
import { googleAnalyticsEvent } from '../../src/sinks/google_analytics_event.ts'
import { problemsOf, type Taken } from '../services/amplitude.ts'
import { messagesAbout } from '../services/google_analytics.ts'
import { holds, hostileText } from './property.ts'

const pseudonyms = new Pseudonyms(() => 'a salt of the tests', 'test')
const pieces = [
  ...[
    '_',
    'ga_',
    'google_',
    'firebase_',
    'gtag.',
    'Ga_',
    'session_id',
    'session_start',
    'user_id',
    'device_id',
    'items',
  ],
  ...[
    'first_open_time',
    'gclid',
    '__proto__',
    'constructor',
    'a'.repeat(41),
    'é',
    '😀',
    '\u0000',
    '"',
    '0',
    'none',
    ' ',
  ],
]
const name = hostileText(pieces, 4)
const text = fc.oneof(name, hostileText([...pieces, 'x'.repeat(2000)], 60))
const scalar = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null))
const section = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, scalar, fc.array(tie('value'), { maxLength: 5 }), tie('section')),
  section: fc.dictionary(name, tie('value'), { maxKeys: 40 }),
})).section
const known = fc.record({ user_id: scalar, device_id: scalar, source: scalar, size: scalar }, { requiredKeys: [] })
const word = fc.oneof(
  fc.constantFrom('session', 'ga', '_', '0', 'app', 'screen'),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
)
const typeWord = fc.oneof(fc.constantFrom('start', 'view', 'remove'), fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/))

const hour = 3_600_000
const events = fc
  .tuple(word, typeWord, section, known, fc.integer({ min: -1000 * hour, max: 100 * hour }), name)
  .map(([category, type, payload, more, agoMs, source]): HubEvent => {
    const occurredMs = Math.max(0, Date.now() - agoMs)
    const rest = { ordinal: 0, receivedMs: occurredMs, schemaVersion: '1', known: false, extensions: {} }
    // What comes in has gone through JSON.
    const both = JSON.parse(JSON.stringify({ ...(payload as object), ...more })) as Payload
    return { id: newEventId(), occurredMs, ...rest, source, category, type, payload: both }
  })
const choices: fc.Arbitrary<Choice> = fc.record({
  filter: fc.constant<string[]>(['#']),
  fields: fc.constantFrom<string[] | null>(null, ['size', 'user_id']),
  personal: fc.boolean(),
})

t.test('Google Analytics has nothing to object to', async () => {
  holds([events, choices, fc.array(name, { maxLength: 30 })], (event, choice, userProperties) => {
    const nowMs = Date.now()
    const mapping = { choice, names: {}, userProperties, late: 'restamp' as const, pseudonyms }
    const { user, made } = googleAnalyticsEvent(event, mapping, nowMs)
    const body = JSON.stringify({ ...user, events: [made] })
    const messages = messagesAbout(body, nowMs)
    if (messages.length > 0) throw new Error(JSON.stringify(messages))
    return Buffer.byteLength(body) < 20_000
  })
})

t.test('Amplitude finds no field missing or invalid', async () => {
  holds([events, choices, fc.integer({ min: 1, max: 30 })], (event, choice, minIdLength) => {
    const made = amplitudeEvent(event, { choice, names: {}, minIdLength, pseudonyms })
    const problems = problemsOf(JSON.parse(JSON.stringify(made)) as Taken, minIdLength)
    if (problems.length > 0) throw new Error(JSON.stringify(problems))
    return true
  })
})

t.test('who it was is not told unless it is asked for', async () => {
  const person = fc.stringMatching(/^[a-z]{20}$/)
  holds([events, person], (event, userId) => {
    const choice = { filter: ['#'], fields: null, personal: false }
    const by = {
      ...event,
      payload: { ...event.payload, user_id: userId, device_id: `of ${userId}`, by: [{ email: userId }] },
    }
    const google = { choice, names: {}, userProperties: ['user_id'], late: 'drop' as const, pseudonyms }
    const told = [
      amplitudeEvent(by, { choice, names: {}, minIdLength: 1, pseudonyms }),
      googleAnalyticsEvent(by, google, Date.now()),
    ]
    return !JSON.stringify(told).includes(userId)
  })
})
