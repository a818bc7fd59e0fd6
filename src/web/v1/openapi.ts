import * as z from 'zod'
import { cloudEvent } from '../../events/cloudevents.ts'
import { clowderEvent } from '../../events/clowder.ts'
import { envelope } from '../../events/envelope.ts'
import { knownTypes } from '../../events/known_types.ts'
import { destinations, failure, keptEvent, ownKey, receipt } from './answers.ts'
import { mediaTypes } from './items.ts'
import { definitionPaths } from './openapi_definitions.ts'
import type { Operation } from './operation.ts'

/** Put in by the build. */
declare const PROGRAM_VERSION: string

type Part = Record<string, unknown>

export interface Document {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: Part[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Part>; securitySchemes: Part }
}

/** The schemas by which bodies are read and answers are made. */
const shared = {
  ...{ Event: envelope, ClowderEvent: clowderEvent, CloudEvent: cloudEvent },
  ...{ Receipt: receipt, Failure: failure, KeptEvent: keptEvent, Key: ownKey, Destinations: destinations },
}

const ref = (name: keyof typeof shared) => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: Part) => ({ 'application/json': { schema } })
const list = (items: Part) => ({ type: 'array', minItems: 1, items })
const failed = (description: string) => ({ description, content: json(ref('Failure')) })
const later = (description: string) => ({
  ...failed(description),
  headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
})

const unauthorized = {
  ...failed('No key, or one that is unknown, revoked or expired.'),
  headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
}
const forAll = {
  '421': failed('The Host header names another machine.'),
  '503': later('It cannot be done now.'),
}
const forReaders = { '401': unauthorized, '403': failed('The key has no scope `events:read`.'), ...forAll }

const anyForm = { anyOf: [ref('Event'), ref('ClowderEvent'), ref('CloudEvent')] }

const sending: Operation = {
  summary: 'Send events',
  description:
    'One event or many, each in any of three forms: our own, a CloudEvent 1.0, or the flat one of Clowder. What is answered with `accepted` is on disk. A batch is read event by event: a broken one is refused by itself, and the others are kept. A CloudEvent may also come in binary mode, with `ce-` headers and its data as the body. A body may be packed with gzip.',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      description:
        'A name for this request. Sent again within a day, it is answered as the first time and not done again.',
      schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
    },
  ],
  requestBody: {
    required: true,
    content: {
      [mediaTypes.one]: { schema: { anyOf: [...anyForm.anyOf, list(anyForm)] } },
      [mediaTypes.lines]: { schema: { type: 'string', description: 'An event a line, in any form.' } },
      [mediaTypes.cloudEvent]: { schema: ref('CloudEvent') },
      [mediaTypes.cloudEvents]: { schema: list(ref('CloudEvent')) },
    },
  },
  responses: {
    '202': { description: 'At least one event is kept, or was before.', content: json(ref('Receipt')) },
    '400': failed('The body is no JSON, with the place, or holds no event.'),
    '401': unauthorized,
    '403': {
      description: 'The key may not write events of this category, or none at all.',
      content: json({ anyOf: [ref('Receipt'), ref('Failure')] }),
    },
    '408': failed('The body came too slowly.'),
    '413': failed('The body is too large, or holds too many events.'),
    '415': failed('The media type or the encoding is not known.'),
    '422': {
      description: 'Every event was refused; or the Idempotency-Key belongs to another request.',
      content: json({ anyOf: [ref('Receipt'), ref('Failure')] }),
    },
    '429': later('More than the key may send.'),
    ...forAll,
  },
}

const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }
const nameParameter = { name: 'name', in: 'path', required: true, schema: { type: 'string', enum: knownTypes } }

const paths: Document['paths'] = {
  '/v1/events': { post: sending },
  '/v1/events/{id}': {
    get: {
      summary: 'An event and where it is',
      description:
        'The event as it is kept, and how far it is on its way to each destination. Needs the scope `events:read`.',
      parameters: [idParameter],
      responses: {
        '200': {
          description: 'The event; without its way as a CloudEvent, where that is asked for.',
          content: { ...json(ref('KeptEvent')), [mediaTypes.cloudEvent]: { schema: ref('CloudEvent') } },
        },
        '404': failed('No event of this id is kept.'),
        ...forReaders,
      },
    },
  },
  '/v1/key': {
    get: {
      summary: 'What a key may do',
      description: 'Whose key is shown, and its scopes. Any key will do.',
      responses: {
        '200': { description: 'The key without what is secret in it.', content: json(ref('Key')) },
        '401': unauthorized,
        ...forAll,
      },
    },
  },
  '/v1/destinations': {
    get: {
      summary: 'How the destinations are',
      description: 'Whether each takes events, what it took, and what waits for it. Needs the scope `events:read`.',
      responses: { '200': { description: 'All of them.', content: json(ref('Destinations')) }, ...forReaders },
    },
  },
  ...definitionPaths(
    '/v1/probes',
    'probe',
    { type: 'object', required: ['checks'], properties: { checks: { type: 'object' } } },
    [
      {
        name: 'region',
        in: 'query',
        description: 'Only those that are made there, without their `regions`.',
        schema: { type: 'string', maxLength: 100 },
      },
    ],
  ),
  ...definitionPaths('/v1/maintenance', 'window of maintenance', {
    ...{ type: 'object', required: ['windows'] },
    properties: { windows: { type: 'array', items: { type: 'object' } } },
  }),
  '/v1/schemas/{name}': {
    get: {
      summary: 'The schema of a known type',
      description: 'The JSON Schema of the payload of events of a category and type, such as `job.finished`.',
      parameters: [nameParameter],
      security: [],
      responses: {
        '200': { description: 'The schema.', content: { 'application/schema+json': { schema: { type: 'object' } } } },
        '404': failed('No type of this name is known.'),
        '421': forAll['421'],
      },
    },
  },
}

/** What the API is, for programs (https://spec.openapis.org/oas/v3.1.1). */
export function openapi(): Document {
  const schemas = Object.entries(shared).map(([name, schema]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as Part
    return [name, rest]
  })
  return {
    openapi: '3.1.1',
    info: {
      title: 'Events',
      version: PROGRAM_VERSION,
      description: 'Takes events in, keeps them on disk, and delivers each to every destination once.',
    },
    servers: [{ url: '..', description: 'Where this document is from.' }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key, as `workflow-reporting key create` makes it.' },
      },
    },
  }
}
