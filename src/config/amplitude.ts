import * as z from 'zod'
import { pseudonymKeys } from './pseudonyms.ts'
import { count, required, secureAddress } from './values.ts'

const servers = { us: 'https://api2.amplitude.com', eu: 'https://api.eu.amplitude.com' }

/** How events are sent to Amplitude. */
export const amplitudeKeys = {
  api_key: required("It stands in Amplitude's settings of the project").describe(
    "The project's API key. Best kept in `secrets_file`.",
  ),
  server: z
    .union([z.enum(['us', 'eu']), secureAddress], { error: 'expected us, eu, or an address that begins with https://' })
    .default('us')
    .describe("Where the project's data is: `us`, `eu`, or the address of what passes it on."),
  api: z
    .enum(['http', 'batch'], { error: 'expected http or batch' })
    .default('http')
    .describe(
      '`http`: HTTP V2, 30 events a second for a person. `batch`: Batch Event Upload, 1,000 a second, and seen somewhat later.',
    ),
  min_id_length: count(1)
    .default(5)
    .describe('With `personal`: the least length of a user id or device id; a shorter one is a pseudonym.'),
  ...pseudonymKeys,
}

export function amplitudeServer(server: string): string {
  return servers[server as keyof typeof servers] ?? server
}
