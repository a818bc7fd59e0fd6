import * as z from 'zod'
import { count, file, text, webAddress, yesOrNo } from './values.ts'

/** How an InfluxDB is reached and written to. */
export const influxdbKeys = {
  url: webAddress
    .optional()
    .describe('Where InfluxDB is.')
    .meta({ examples: ['https://stats.usegalaxy.org.au:8086'] }),
  host: text(': a host')
    .optional()
    .describe('Instead of `url`, with `port` and `ssl`: the keys of an existing `secret.yml`.'),
  port: count(1).max(65_535, 'must be 65535 or less').default(8086).describe('With `host`.'),
  ssl: yesOrNo.default(false).describe('With `host`: whether InfluxDB speaks HTTPS.'),
  database: text('')
    .optional()
    .describe('InfluxDB 1.x: the database.')
    .meta({ examples: ['workflow_invocations'] }),
  username: text('').optional().describe('InfluxDB 1.x: a user that may write to it.'),
  password: text('').optional().describe("InfluxDB 1.x: that user's password."),
  org: text('').optional().describe('InfluxDB 2.x: the organization.'),
  bucket: text('').optional().describe('InfluxDB 2.x: the bucket.'),
  token: text('').optional().describe('InfluxDB 2.x: a token that may write to it.'),
  read: z
    .strictObject({ username: text('').optional(), password: text('').optional(), token: text('').optional() })
    .refine(
      ({ username, token }) => (username === undefined) !== (token === undefined),
      'expected {username, password} or {token}',
    )
    .optional()
    .describe('For `audit`: who reads, where the writer may not. `{username, password}` or `{token}`.')
    .meta({ examples: [{ username: 'reader', password: 'PASSWORD' }] }),
  verify_ssl: yesOrNo.default(true).describe("Whether InfluxDB's certificate is verified."),
  ca_file: file.nullable().default(null).describe('The CA that signed it, where the system does not know that CA.'),
}

/**
 * What is missing of an InfluxDB's section, or contradicts itself: the key, and what to do.
 *
 * @param instead what else may be done where it says nothing of where InfluxDB is
 */
export function influxdbMistakes(section: Record<string, unknown>, instead = ''): { key: string; message: string }[] {
  const has = (key: string) => section[key] !== undefined
  const mistakes: { key: string; message: string }[] = []
  const missing = (key: string, remedy: string) => mistakes.push({ key, message: `is missing. ${remedy}` })
  if (!has('url') && !has('host')) missing('url', `Say where InfluxDB is${instead}`)
  if (has('database') && has('bucket')) {
    const message = 'stands beside `database`, which is for 1.x as this is for 2.x. Keep the one of your version'
    mistakes.push({ key: 'bucket', message })
  } else if (has('bucket')) {
    if (!has('org')) missing('org', 'InfluxDB 2.x needs it beside `bucket`')
    if (!has('token')) missing('token', 'InfluxDB 2.x needs it beside `bucket`')
  } else if (!has('database')) {
    missing('database', 'Name the database (1.x), or `org`, `bucket` and `token` (2.x)')
  }
  return mistakes
}
