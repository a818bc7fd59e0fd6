// The API for events, asked by its own OpenAPI description. FUZZ_SECONDS asks for longer, FUZZ_SEED otherwise.
import t from 'tap'
import { fuzzEventsApi } from '../fuzz/events_api.ts'
import { HubSite } from './hub_site.ts'

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 20)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)

t.test(
  `${seconds} s of requests by its own description, seed ${seed}`,
  { timeout: (seconds + 60) * 1000 },
  async (t) => {
    const site = await HubSite.make(t)
    const { url, child } = await site.start({ limits: { rate_per_second: 1_000_000, burst: 1_000_000 } })
    const scopes = ['events:write:*', 'events:read', 'probes:read', 'probes:write']
    const key = await site.key(...scopes.flatMap((scope) => ['--scope', scope]))
    const figures = await fuzzEventsApi({ url, key, seconds, seed })
    for (const [status, count] of Object.entries(figures)) t.comment(`${status}: ${count}`)
    for (const status of [200, 202, 400, 401, 404, 415, 422]) t.ok(figures[status], `${status} was answered`)
    t.notMatch(child.stderr(), /request_failed/)
    t.ok(child.running())
  },
)
