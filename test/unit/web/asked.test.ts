// What the parameters of a view mean, and what is said of those that mean nothing.
import t from 'tap'
import { askedOf } from '../../../src/web/asked.ts'

const nowMs = Date.parse('2026-06-25T10:20:30.400Z')
const first = Date.parse('2025-01-02T03:04:05Z') / 1000
const now = '2026-06-25T10:20:31Z'
const none = { domains: [], registries: [], identities: [], workflow: null }

const understood: [query: string, asked: object][] = [
  ['', { range: '30d', from: '2026-05-26T10:20:31Z', until: now, ...none }],
  ['range=24h', { range: '24h', from: '2026-06-24T10:20:31Z', until: now }],
  ['range=365d', { range: '365d', from: '2025-06-25T10:20:31Z', until: now }],
  ['range=month', { range: 'month', from: '2026-06-01T00:00:00Z', until: now }],
  ['range=year', { range: 'year', from: '2026-01-01T00:00:00Z', until: now }],
  ['range=all', { range: 'all', from: '2025-01-02T03:04:05Z', until: now }],
  ['from=2026-06-01&until=2026-06-02', { range: null, from: '2026-06-01T00:00:00Z', until: '2026-06-02T00:00:00Z' }],
  ['from=2026-06-01T10:00:00.5%2B10:00', { range: null, from: '2026-06-01T00:00:01Z', until: now }],
  ['until=2026-06-01', { range: null, from: '2025-01-02T03:04:05Z', until: '2026-06-01T00:00:00Z' }],
  [
    'domain=a&domain=b&domain=a&registry=x&identity=trs&identity=url&workflow=w%20%261',
    { domains: ['a', 'b'], registries: ['x'], identities: ['trs', 'url'], workflow: 'w &1' },
  ],
]
for (const [query, asked] of understood)
  t.match(askedOf(new URLSearchParams(query), nowMs, first), asked, query || 'nothing')
t.match(
  askedOf(new URLSearchParams('range=all'), nowMs, Number.POSITIVE_INFINITY),
  { from: '2026-06-24T10:20:31Z', until: now },
  'all of nothing',
)

const refused: [query: string, message: RegExp][] = [
  ['domian=a', /^"domian": unknown\. Known are range, from/],
  ['range=2d', /^range: "2d" is none\. Take 24h, 7d/],
  ['range=7d&range=7d', /^range: is given more than once/],
  ['range=7d&from=2026-06-01', /^range: is given beside from or until/],
  ['from=yesterday', /^from: "yesterday" is no date or instant since 1970\. Write 2026-06-25/],
  ['from=2026-02-31', /^from: /],
  ['from=1969-01-01', /^from: /],
  ['until=2300-01-01', /^until: /],
  ['from=2026-06-02&until=2026-06-02', /^until: is not after from/],
  ['domain=', /^domain: is empty/],
  ['identity=galaxy', /^identity: "galaxy" is none\. Take trs, url, local/],
  [`workflow=${'w'.repeat(2001)}`, /^workflow: is longer than 2000/],
  ['domain=a&'.repeat(201), /^domain: more than 200/],
]
for (const [query, message] of refused)
  t.throws(() => askedOf(new URLSearchParams(query), nowMs, first), { message }, query.slice(0, 40))
