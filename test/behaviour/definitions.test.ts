// Probes and windows of maintenance through the API: the built file, over HTTP.
import t from 'tap'
import type { AvailabilityView } from '../../src/availability/view.ts'
import { type Answer, request } from '../services/http.ts'
import { HubSite, jsonType, send } from './hub_site.ts'

t.test('probes and windows are kept, told to the regions, and taken away', async (t) => {
  const site = await HubSite.make(t)
  await site.config()
  const key = await site.key('--scope', 'probes:read', '--scope', 'probes:write', '--scope', 'events:write:*')
  const reader = await site.key('--scope', 'probes:read')
  const { url, child } = await site.start()
  const call = (base: string, method: string, path: string, body?: object, headers = {}, as = key): Promise<Answer> =>
    request(`${base}v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${as}`, ...jsonType, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const home = { kind: 'http', target: 'https://galaxy.example.org/', regions: ['eu', 'us'] }

  t.equal((await call(url, 'PUT', 'probes/home', home)).status, 201)
  t.equal((await call(url, 'PUT', 'probes/home', home)).status, 200)
  t.equal((await call(url, 'PUT', 'probes/home', home, {}, reader)).status, 403)
  const wrong = await call(url, 'PUT', 'probes/other', { kind: 'http', target: 'ftp://nowhere' })
  t.equal(wrong.status, 422)
  t.match(JSON.parse(wrong.body), { field: 'target' })
  const broken = { method: 'PUT', headers: { Authorization: `Bearer ${key}`, ...jsonType } }
  t.match(await request(`${url}v1/probes/other`, { ...broken, body: '{\n  x' }), {
    status: 400,
    body: /"the body is no JSON from line 2, column 3 on","line":2,"column":3/,
  })
  t.match(await request(`${url}v1/probes/other`, { ...broken, body: '' }), { status: 400, body: /the body is empty/ })
  for (const [extra, field, error] of [
    [{ bodytext: 'a' }, 'bodytext', /^unknown field\. Known are kind, target, .*body_text.*regions$/],
    [
      { maintenance: [{ name: 'a', start: '2026-06-25T22:00', duration_minutes: 1, stop: 1 }] },
      'maintenance.0.stop',
      /^unknown field\. Known are name, zone, start/,
    ],
    [{ regions: ['eu', 7] }, 'regions.1', /^expected a list of up to 200 regions$/],
  ] as const)
    t.match(JSON.parse((await call(url, 'PUT', 'probes/other', { ...home, ...extra })).body), { field, error })

  const inEu = await call(url, 'GET', 'probes?region=eu', undefined, {}, reader)
  t.match(JSON.parse(inEu.body), { checks: { home: { kind: 'http', interval_seconds: 60 } } })
  t.notMatch(inEu.body, /regions/)
  t.same(JSON.parse((await call(url, 'GET', 'probes')).body), {
    checks: { home: JSON.parse((await call(url, 'GET', 'probes/home')).body) },
  })
  t.match(JSON.parse((await call(url, 'GET', 'probes')).body), { checks: { home: { regions: ['eu', 'us'] } } })
  t.same(JSON.parse((await call(url, 'GET', 'probes?region=au')).body), { checks: {} })
  const etag = String(inEu.headers['etag'])
  t.equal((await call(url, 'GET', 'probes?region=eu', undefined, { 'If-None-Match': etag })).status, 304)
  await call(url, 'PUT', 'probes/home', { ...home, interval_seconds: 30 })
  t.equal((await call(url, 'GET', 'probes?region=eu', undefined, { 'If-None-Match': etag })).status, 200)

  const start = new Date(Date.now() - 60_000).toISOString().slice(0, 19)
  const window = { start, duration_minutes: 60, probes: ['home'] }
  t.equal((await call(url, 'PUT', 'maintenance/upgrade', window)).status, 201)
  t.equal((await call(url, 'PUT', 'maintenance/never', { start })).status, 422)
  const failed = (region: string) => ({
    category: 'service_status',
    type: 'down',
    payload: { service_name: 'home', region, message: 'being upgraded' },
  })
  const states = async (base: string) => {
    const { body } = await request(`${base}api/availability`)
    const { probes } = JSON.parse(body) as AvailabilityView
    return Object.fromEntries(probes.map(({ region, state }) => [region, state]))
  }
  t.equal((await send(url, key, failed('eu'))).status, 202)
  t.same(await states(url), { eu: 'maintenance' })

  await child.stop()
  const again = await site.start()
  t.equal((await send(again.url, key, failed('us'))).status, 202)
  t.same(await states(again.url), { eu: 'maintenance', us: 'maintenance' }, 'also after a restart')
  t.equal((await call(again.url, 'DELETE', 'maintenance/upgrade')).status, 204)
  t.equal((await call(again.url, 'DELETE', 'maintenance/upgrade')).status, 404)
  t.equal((await send(again.url, key, failed('au'))).status, 202)
  t.match(await states(again.url), { au: 'down' })
  t.equal((await call(again.url, 'DELETE', 'probes/home')).status, 204)
  t.same(JSON.parse((await call(again.url, 'GET', 'probes')).body), { checks: {} })
})
