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
