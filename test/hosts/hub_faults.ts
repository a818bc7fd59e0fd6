// What happens to a hub over the years, and every event that got 202 is there once.
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { request } from '../services/http.ts'
import { arrived } from './arrived.ts'
import { type EventsSite, untilUp } from './events_site.ts'
import { until } from './machine.ts'
import { senderTo } from './sender.ts'

const worker = 'workflow-events-worker@dashboards'

export function hubFaults(site: EventsSite): void {
  const { hub, broker, stats, secrets } = site
  const pidOf = async (unit: string) => (await hub.must(`systemctl show --value -p MainPID ${unit}`)).trim()
  const answers = async () =>
    (await request(`http://${hub.address}:8090/healthz`).catch(() => ({ status: 0 }))).status === 200
  const journal = () => hub.must("journalctl --no-pager -n 60 -u 'workflow-events-*'")

  test('RabbitMQ, the hub, its worker and InfluxDB fail in turn, while events are sent', async (t) => {
    const sender = senderTo(hub, secrets['key of galaxy']!, 'faults')
    await sender.whileDoing(async () => {
      await sleep(2000)
      await broker.powerOff()
      const before = sender.accepted.size
      await until(30_000, async () => sender.accepted.size >= before + 100, journal)
      t.pass('events are taken while the host of RabbitMQ is off')
      await broker.powerOn()
      await untilUp(broker)

      for (const unit of ['workflow-events-api', worker]) {
        const pid = await pidOf(unit)
        await hub.must(`kill -9 ${pid}`)
        await until(60_000, async () => !['0', pid].includes(await pidOf(unit)) && (await answers()), journal)
      }

      await stats.must('systemctl stop influxdb')
      await sleep(3000)
      await stats.must('systemctl start influxdb')

      await hub.reboot()
      await until(60_000, answers, journal)
      await sleep(2000)
    })
    const counted = await arrived(site, sender)
    t.match(counted, { missing: 0, twice: 0, strange: 0 })
    const unknown = sender.sent.size - sender.accepted.size
    t.comment(`${JSON.stringify(counted)}; of ${unknown} the sender does not know`)
    const queues = await broker.must('rabbitmqctl --quiet list_queues --vhost events name messages')
    t.match(queues, /workflow\.events\.dashboards\.dead\s+0$/m, 'no dead letter')
  })

  test('an API that hangs is found by the watchdog', async (t) => {
    await hub.must('mkdir -p /run/systemd/system/workflow-events-api.service.d')
    await hub.write('/run/systemd/system/workflow-events-api.service.d/watchdog.conf', '[Service]\nWatchdogSec=15\n')
    await hub.must('systemctl daemon-reload && systemctl restart workflow-events-api')
    await until(60_000, answers, journal)
    await sleep(16_000)
    const pid = await pidOf('workflow-events-api')
    t.equal(
      (await hub.must('systemctl show --value -p NRestarts workflow-events-api')).trim(),
      '0',
      'an idle one is not',
    )
    await hub.must(`kill -STOP ${pid}`)
    await until(
      90_000,
      async () => !['0', pid].includes(await pidOf('workflow-events-api')) && (await answers()),
      journal,
    )
    t.match(await hub.must('journalctl -u workflow-events-api -n 200 -o cat'), /Watchdog timeout/)
    await hub.must('rm -r /run/systemd/system/workflow-events-api.service.d && systemctl daemon-reload')
  })
}
