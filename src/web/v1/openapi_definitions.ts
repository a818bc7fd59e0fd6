import type { Operation } from './operation.ts'

type Part = Record<string, unknown>

const failed = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
})
const name = {
  name: 'name',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$' },
}
const common = {
  '401': failed('No key, or one that is unknown, revoked or expired.'),
  '403': failed('The key has no scope `probes:read`, or `probes:write` for a change.'),
  '421': failed('The Host header names another machine.'),
  '422': failed('The name, or what was sent, is not as it should be; with the field.'),
  '503': failed('It cannot be done now.'),
}

/** Of one kind of thing that is kept by name: all of it, one, and its changes. */
export function definitionPaths(
  path: string,
  what: string,
  all: Part,
  parameters: Part[] = [],
): Record<string, Record<string, Operation>> {
  const content = { 'application/json': { schema: { type: 'object' } } }
  const one = { description: `The ${what}, with its ETag.`, content }
  return {
    [path]: {
      get: {
        summary: `Every ${what}`,
        description: 'With an ETag. Needs the scope `probes:read`.',
        ...(parameters.length > 0 && { parameters }),
        responses: {
          '200': { description: 'By name.', content: { 'application/json': { schema: all } } },
          '304': { description: 'It is as If-None-Match says.' },
          ...common,
        },
      },
    },
    [`${path}/{name}`]: {
      get: {
        summary: `One ${what}`,
        description: 'With an ETag. Needs the scope `probes:read`.',
        parameters: [name],
        responses: {
          '200': one,
          '304': { description: 'It is as If-None-Match says.' },
          '404': failed('None.'),
          ...common,
        },
      },
      put: {
        summary: `Keep a ${what}`,
        description: `Makes the ${what} of this name, or takes the place of it. Its keys are those of the configuration. Needs the scope \`probes:write\`.`,
        parameters: [name],
        requestBody: { required: true, content },
        responses: {
          '200': one,
          '201': { ...one, description: `The ${what}, which is new.` },
          '400': failed('The body is no JSON, with the place.'),
          '408': failed('The body came too slowly.'),
          '413': failed('The body is too large.'),
          '415': failed('The encoding is not known.'),
          ...common,
        },
      },
      delete: {
        summary: `Take a ${what} away`,
        description: 'Needs the scope `probes:write`.',
        parameters: [name],
        responses: { '204': { description: 'It is gone.' }, '404': failed('There is none of this name.'), ...common },
      },
    },
  }
}
