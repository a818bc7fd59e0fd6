import * as z from 'zod'
import { check, checkName, hostAndPort, nameShape } from '../probing/check.ts'
import { count, expected, file, section, text, webAddress, yesOrNo } from './values.ts'

const own = text(': `gateway`, a host or HOST:PORT').refine(
  (value) => /^(?!-)[A-Za-z0-9_.:-]{1,253}$/.test(value) || hostAndPort.safeParse(value).success,
  'expected gateway, a host or HOST:PORT',
)

/** What a probe does. */
export const probe = section({
  region: text(': a name')
    .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'expected up to 100 letters, digits, dots, _ and -')
    .describe('Where this probe stands; it goes with every result.')
    .meta({ examples: ['sydney'] }),
  spool: file
    .default('probe.sqlite')
    .describe('The SQLite file in which results wait for the hub. It must outlive restarts.'),
  spool_results: count(1)
    .default(100_000)
    .describe('How many results wait at most; the oldest go first, and how many is told.'),
  spool_days: count(1).default(14).describe('How long a result waits at most.'),
  connectivity: z
    .array(own, { error: (issue) => expected(issue.input, 'a list of hosts') })
    .max(10, 'must be 10 hosts or less')
    .default([])
    .describe(
      "Hosts by which the probe knows that its own network is up: when a check fails and none of them answers, the target is not blamed. `gateway` is this machine's IPv4 default gateway, a host is pinged, HOST:PORT is connected to. Empty: targets are always blamed.",
    )
    .meta({ examples: [['gateway', '9.9.9.9', 'hub.example.org:443']] }),
  from_hub: yesOrNo
    .default(false)
    .describe(
      'Whether it also makes the checks that the hub has for its region. Whoever may write those at the hub can then have any address probed from here.',
    ),
  at_once: count(1).default(20).describe('How many checks are made at once at most.'),
  checks: z
    .record(checkName, check, {
      error: (issue) => (issue.code === 'invalid_key' ? nameShape : expected(issue.input, 'a section of checks')),
    })
    .default({})
    .describe('What is probed, each under a name of its own. It wins over a check of that name from the hub.'),
})
  .optional()
  .describe('What `probe` does. Left out: it has nothing to do.')

/** Where a probe sends its results. */
export const hub = section({
  url: webAddress
    .optional()
    .describe("The address of the hub's `serve`.")
    .meta({ examples: ['https://stats.usegalaxy.org.au/workflows/'] }),
  key: text(': a key')
    .regex(/^[\x21-\x7e]+$/, 'expected a key without spaces')
    .optional()
    .describe('A key with the scope `events:write:probe`, made by `key create` there. Best kept in `secrets_file`.')
    .meta({ examples: ['KEY'] }),
  verify_ssl: yesOrNo.default(true).describe("Whether the hub's certificate is verified."),
  ca_file: file.nullable().default(null).describe('The CA that signed it, where the system does not know that CA.'),
})
  .optional()
  .describe('The hub that `probe` sends its results to.')

export type ProbeSettings = NonNullable<z.output<typeof probe>>
