// Probes in three regions, one that goes silent, and a window of maintenance.
import { test } from 'tap'
import type { StoredPoint } from '../services/influxql.ts'
import { database, type EventsSite, intervalSeconds, regions } from './events_site.ts'
import { until } from './machine.ts'

/** Three results may be missing, and fifteen seconds are for their way; looked at every five. */
const silentWithinSeconds = 3 * intervalSeconds + 15 + 5

export function stations(site: EventsSite): void {
  const { influxdb, probes } = site
  const points = (measurement: string) => influxdb.points(database, measurement)
  const probePoints = async (wanted: (point: StoredPoint) => boolean) => (await points('event_probe')).filter(wanted)

  test('probes of three regions push to one hub, and ping without being root', async (t) => {
    for (const measurement of ['ping', 'http_response'])
      await until(
        60_000,
        async () => new Set((await points(measurement)).map(({ tags }) => tags['region'])).size === regions.length,
        async () => `${measurement}: ${JSON.stringify(await points(measurement))}`,
      )
    const pings = await points('ping')
    t.ok(
      pings.every(({ fields }) => Number(fields['packets_received']) >= 1),
      `${pings.length} pings came back`,
    )
    for (const region of regions) {
      const there = (await points('http_response')).filter(({ tags }) => tags['region'] === region)
      const codes = new Set(
        there.map(({ fields }) => fields['http_response_code']).filter((code) => code !== undefined),
      )
      // While InfluxDB was down there was no answer at all.
      t.same([...codes].map(Number), [204], region)
    }
  })

  test('a window of maintenance is respected', async (t) => {
    const isDown = ({ tags, fields }: StoredPoint) => tags['probe'] === 'broken' && fields['state'] === 'down'
    await until(
      60_000,
      async () => (await probePoints(isDown)).length > 0,
      async () => 'nothing is down',
    )
    const maintained = await probePoints(({ tags }) => tags['probe'] === 'maintained')
    t.ok(maintained.length > 0)
    t.same([...new Set(maintained.map(({ fields }) => fields['state']))], ['maintenance'])
    t.ok(maintained.every(({ fields }) => fields['success'] === false))
  })

  test('a probe that goes silent is reported, and so is its return', async (t) => {
    const perth = probes['perth']!
    const told = (type: string) =>
      probePoints(({ tags, fields }) => tags['type'] === type && (tags['region'] ?? fields['region']) === 'perth')
    await perth.must('systemctl stop workflow-probe')
    const stoppedMs = performance.now()
    await until(
      90_000,
      async () => (await told('silent')).length > 0,
      async () => `no probe.silent: ${await site.hub.must('journalctl --no-pager -n 30 -u workflow-events-api')}`,
    )
    const seconds = (performance.now() - stoppedMs) / 1000
    // Half a minute for a loaded machine, and for its way through RabbitMQ.
    t.ok(seconds < silentWithinSeconds + 30, `after ${seconds.toFixed(0)} s`)
    t.comment(`probe.silent ${seconds.toFixed(0)} s after the stop`)
    const others = await probePoints(({ tags }) => tags['type'] === 'silent' && tags['region'] !== 'perth')
    t.same(others, [], 'and no other')
    await perth.must('systemctl start workflow-probe')
    await until(
      60_000,
      async () => (await told('heard')).length > 0,
      async () => 'no probe.heard',
    )
  })
}
