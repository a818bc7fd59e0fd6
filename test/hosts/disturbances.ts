// What happens to a collector over the years, and not one invocation is missing or counted twice.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { wentWell } from './ansible.ts'
import { until } from './machine.ts'
import { type Site, unit } from './site.ts'

const nothingWrong = { missing: 0, extra: 0, wrong: [] }

export function disturbances(site: Site): void {
  const { ansible, galaxy, stats, traffic } = site
  const running = async () => (await site.property('ActiveState')) === 'active'
  const journal = () => galaxy.must(`journalctl -u ${unit} -n 40`)

  test('an upgrade to another build and back, while requests flow', async (t) => {
    const built = await galaxy.must('cat /home/ubuntu/workflow_invocations/workflow-reporting.mjs')
    const other = join(site.folder, 'other.mjs')
    const version = () =>
      galaxy.must('cd /home/ubuntu/workflow_invocations && ./node-* workflow-reporting.mjs --version')
    const original = await version()
    // A long line of the built file goes on in the next one, perhaps in the middle of the version.
    await writeFile(other, built.replaceAll('\\\n', '').replaceAll(original.trim(), '99.0.0'))
    const sentBefore = traffic.expected.size
    await traffic.whileDoing(async () => {
      for (const variables of [{ workflow_invocations_program: other }, {}]) {
        const before = await site.property('MainPID')
        const played = await ansible.play('galaxy', { variables })
        wentWell(t, played, { changed: 2 }) // The program, and one restart.
        t.not(await site.property('MainPID'), before)
        const installed = await version()
        t.equal(installed, 'workflow_invocations_program' in variables ? '99.0.0\n' : original)
      }
    })
    const counted = await site.count()
    t.match(counted, nothingWrong)
    t.equal(await site.property('NRestarts'), '0')
    t.comment(`${JSON.stringify(counted)}, ${traffic.expected.size - sentBefore} of them during the upgrades`)
  })

  test('kill -9 while requests flow', async (t) => {
    await traffic.whileDoing(async () => {
      for (let time = 0; time < 2; time++) {
        const pid = await site.property('MainPID')
        await galaxy.must(`kill -9 ${pid}`)
        await until(60_000, async () => (await running()) && (await site.property('MainPID')) !== pid, journal)
      }
    })
    t.equal(await site.property('NRestarts'), '2')
    const counted = await site.count()
    t.match(counted, nothingWrong)
    t.comment(JSON.stringify(counted))
  })

  test('a collector that hangs is found by the watchdog', async (t) => {
    const variables = { workflow_invocations_watchdog_seconds: 10 }
    wentWell(t, await ansible.play('galaxy', { variables }), { changed: 2 })
    await sleep(25_000)
    t.equal(await site.property('NRestarts'), '0', 'an idle one is not taken for hung')
    await traffic.whileDoing(async () => {
      const pid = await site.property('MainPID')
      await galaxy.must(`kill -STOP ${pid}`)
      await until(90_000, async () => (await running()) && (await site.property('MainPID')) !== pid, journal)
    })
    t.match(await galaxy.must(`journalctl -u ${unit} -n 200 -o cat`), /Watchdog timeout/)
    t.match(await site.count(), nothingWrong)
    wentWell(t, await ansible.play('galaxy'), { changed: 2 })
  })

  test('the log is rotated by logrotate and reopened by nginx, while requests flow', async (t) => {
    await traffic.whileDoing(async () => {
      for (let time = 0; time < 3; time++) {
        await sleep(2000)
        await galaxy.must('logrotate --force /etc/logrotate.d/nginx')
      }
      await sleep(2000)
    })
    const rotated = await galaxy.must('ls /var/log/nginx/olddir')
    t.ok(rotated.match(/access\.log-\d+-\d+\.gz/), 'older ones are packed')
    const counted = await site.count()
    t.match(counted, nothingWrong)
    t.comment(`${JSON.stringify(counted)}; ${rotated.trim().split('\n').join(' ')}`)
  })

  test('the log is rotated while the collector is stopped', async (t) => {
    await galaxy.must(`systemctl stop ${unit}`)
    await traffic.send(20)
    for (let time = 0; time < 2; time++) {
      await galaxy.must('logrotate --force /etc/logrotate.d/nginx')
      await traffic.send(20)
      await sleep(1500)
    }
    await galaxy.must(`systemctl start ${unit}`)
    t.match(await site.count(), nothingWrong)
  })

  test('the Galaxy host is booted again', async (t) => {
    await traffic.send(30)
    await galaxy.reboot()
    await until(60_000, running, journal)
    await until(60_000, async () => (await galaxy.shell('curl -sf localhost/api/version')).status === 0, journal)
    await traffic.send(30)
    const counted = await site.count()
    t.match(counted, nothingWrong)
    t.comment(JSON.stringify(counted))
  })

  test('the stats host is down for a minute, while requests flow', async (t) => {
    await traffic.whileDoing(async () => {
      await sleep(2000)
      await stats.powerOff()
      await sleep(60_000)
      const told = await site.property('StatusText')
      t.match(told, /^Waiting for InfluxDB: .* lag [4-9]\d s/, told)
      t.equal(await running(), true)
      t.comment(told)
      await stats.powerOn()
      await sleep(2000)
    })
    const counted = await site.count({ timeoutMs: 180_000 })
    t.match(counted, nothingWrong)
    t.equal(await site.property('NRestarts'), '0', 'it waited, and was not restarted')
    t.comment(JSON.stringify(counted))
    await until(30_000, async () => /^Counting/.test(await site.property('StatusText')), journal)
  })
}
