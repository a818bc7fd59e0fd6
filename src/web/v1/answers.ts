import * as z from 'zod'

const field = z.string().describe('Where in the event, as `payload.size`.')
const eventId = z.string().meta({ format: 'uuid' })
const instantText = z.string().meta({ format: 'date-time' })

/** What is answered where a request is refused as a whole. */
export const failure = z
  .strictObject({
    error: z.string().describe('What is wrong, and what to do about it.'),
    field: field.optional(),
    line: z.int().min(1).optional().describe('Where the JSON is broken.'),
    column: z.int().min(1).optional(),
  })
  .meta({ title: 'Failure' })

export const result = z
  .strictObject({
    index: z.int().min(0).describe('Which of the events that were sent, from 0.'),
    id: eventId.nullable().describe('Its id; null where it was refused.'),
    status: z
      .enum(['accepted', 'duplicate', 'refused'])
      .describe('`duplicate`: an event of this id is there already, and nothing was changed.'),
    known: z.boolean().optional().describe('Whether its type is known, and its payload as it should be.'),
    error: z.string().optional(),
    field: field.optional(),
  })
  .meta({ title: 'Result' })

/** What is answered to events that were sent, whether any was taken or none. */
export const receipt = z
  .strictObject({
    accepted: z.int().min(0),
    duplicate: z.int().min(0),
    refused: z.int().min(0),
    error: z.string().optional().describe('Where all were refused: why the first was.'),
    results: z.array(result),
  })
  .meta({ title: 'Receipt' })

const way = z.strictObject({
  destination: z.string(),
  state: z
    .enum(['waiting', 'delivered', 'retrying', 'dead', 'skipped'])
    .describe('`skipped`: left out by its filter, or accepted before the destination was there.'),
  attempts: z.int().min(0),
  at: instantText.nullable().describe('When it came to that state; for `retrying` when it is tried again.'),
  cause: z.string().nullable(),
})

/** An event that is kept, and where it is. */
export const keptEvent = z
  .strictObject({
    id: eventId,
    occurred_at: instantText,
    ordinal: z.int().min(0).describe('Which one it is among the events of its millisecond.'),
    received_at: instantText,
    source: z.string(),
    category: z.string(),
    type: z.string(),
    schema_version: z.string(),
    known: z.boolean(),
    payload: z.record(z.string(), z.unknown()),
    extensions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    destinations: z.array(way),
  })
  .meta({ title: 'KeptEvent' })

/** What a key may do, told to whoever shows it. */
export const ownKey = z
  .strictObject({
    id: z.string().describe('As `key list` shows it; no secret.'),
    source: z.string().describe('The `source` of the events that are sent with it.'),
    scopes: z.array(z.string()).describe('As `events:write:probe`; `events:write:*` is every category.'),
    expires: instantText.nullable(),
  })
  .meta({ title: 'Key' })

export const destinations = z
  .strictObject({
    destinations: z.array(
      z.strictObject({
        destination: z.string(),
        paused: z.boolean(),
        kind: z.string().describe('As in the configuration; `rabbitmq`, which hands events over to workers.'),
        circuit: z
          .enum(['closed', 'open', 'unknown'])
          .describe(
            '`open`: it is down, and only asked whether it is back; `unknown`: a worker elsewhere is to deliver there, and none has been heard of.',
          ),
        since: instantText.describe('Since when the circuit is so.'),
        cause: z.string().nullable(),
        delivered: z.int().min(0).describe('Since the start of whoever delivers, as is `retried`.'),
        retried: z.int().min(0),
        waiting: z
          .int()
          .min(0)
          .nullable()
          .describe(
            'Events before it, with those that its filter will leave out; null, as the next two, where RabbitMQ does not tell.',
          ),
        retrying: z.int().min(0).nullable().describe('Events that failed there and are tried again.'),
        dead_letters: z.int().min(0).nullable().describe('Events that are kept because it did not take them.'),
      }),
    ),
  })
  .meta({ title: 'Destinations' })
