// `check` asks every destination of events, and writes nothing there nor here.
import { existsSync } from 'node:fs'
import t from 'tap'
import { AmplitudeService } from '../services/amplitude.ts'
import { GoogleAnalyticsService } from '../services/google_analytics.ts'
import { JsonServer } from '../services/json_server.ts'
import { Live } from './live.ts'

const live = await Live.start(t)
const amplitudeKey = 'MARKER-of-the-project'
const googleSecret = 'MARKER/of the+stream'

async function check(destinations: object) {
  const site = await live.site(t)
  const { stdout, stderr } = await site.run(['check', '--json'], { events: { destinations } })
  const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string; remedy?: string }[] }
  t.notMatch(stdout + stderr, /MARKER/)
  t.notOk(existsSync(site.folder.file('state')), 'no state folder')
  return Object.fromEntries(checks.map((finding) => [finding.name, finding]))
}

t.test('what answers is well, with what that does not prove', async (t) => {
  await using amplitude = (await AmplitudeService.start(amplitudeKey)).server
  const google = await GoogleAnalyticsService.start()
  await using _ = google.server
  const findings = await check({
    product: { kind: 'amplitude', api_key: amplitudeKey, server: amplitude.url },
    visits: { kind: 'google_analytics', measurement_id: 'G-ABC', api_secret: googleSecret, server: google.server.url },
    points: { kind: 'influxdb', url: live.influxdb.url, database: 'nowhere' },
    nowhere: { kind: 'influxdb', url: 'http://no-such-host.invalid:8086', database: 'nowhere' },
  })
  t.match(findings['events to product'], { ok: true, detail: 'Amplitude answers' })
  t.match(findings['events to visits'], { ok: true, remedy: /^Google verifies neither measurement_id nor api_secret/ })
  const own = /^Check events\.destinations\.points\.username and events\.destinations\.points\.password/
  t.match(findings['events to points'], { ok: false, detail: /HTTP 401/, remedy: own })
  t.match(findings['events to nowhere'], { ok: false, remedy: 'Check the host in events.destinations.nowhere.url' })
  t.same(google.events, [])
})

t.test('what does not is told, and no secret with it', async (t) => {
  await using amplitude = (await AmplitudeService.start('another')).server
  const message = { fieldPath: 'events.name', description: 'no such thing', validationCode: 'NAME_INVALID' }
  const body = JSON.stringify({ validationMessages: [message] })
  await using google = await JsonServer.start(() => ({ status: 200, body }))
  const findings = await check({
    product: { kind: 'amplitude', api_key: amplitudeKey, server: amplitude.url },
    away: { kind: 'amplitude', api_key: amplitudeKey, server: 'http://127.0.0.1:9' },
    visits: { kind: 'google_analytics', measurement_id: 'G-ABC', api_secret: googleSecret, server: google.url },
  })
  t.match(findings['events to product'], { ok: false, detail: /Invalid API key/, remedy: /^Check api_key/ })
  t.match(findings['events to away'], { ok: false, detail: /ECONNREFUSED/ })
  t.match(findings['events to visits'], { ok: false, detail: /events\.name NAME_INVALID: no such thing/ })
})
