// What an operator sees of the running service, and what nobody may see.
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { secretsIn } from './secrets.ts'
import { type Site, unit } from './site.ts'

const exposureMax = 2.0
const idleSeconds = 30

export function wellBeing(site: Site): void {
  const { galaxy, stats, traffic, secrets } = site

  test('systemctl status answers at one look whether it is well', async (t) => {
    await traffic.send(5)
    t.match(await site.count(), { missing: 0, extra: 0 })
    await sleep(12_000) // It tells systemd at most every ten seconds.
    const status = await galaxy.must(`systemctl status --no-pager ${unit}`)
    t.match(status, /Active: active \(running\)/)
    t.match(
      status,
      /Status: "Counting: last line \d\d-\d\d \d\d:\d\d:\d\dZ, last point [^"]*, lag 0 s, \d+ points written/,
    )
    t.comment(status)
  })

  test('status, asked by hand, is the service’s own', async (t) => {
    const folder = '/home/ubuntu/workflow_invocations'
    const told = JSON.parse(
      await galaxy.must(`cd ${folder} && runuser -u ubuntu -- ./node-* workflow-reporting.mjs status --json`),
    )
    t.match(told, { running: true, pid: Number(await site.property('MainPID')), lag_seconds: 0, waiting_for: null })
  })

  test('systemd finds it locked up well', async (t) => {
    const analysis = await galaxy.must(`systemd-analyze security --no-pager ${unit}`)
    const exposure = Number(analysis.match(/Overall exposure level.*: ([\d.]+)/)?.[1])
    t.ok(exposure <= exposureMax, `exposure ${exposure}`)
    const left = analysis.split('\n').filter((line) => /^✗|→/.test(line))
    t.comment(left.join('\n'))
    t.equal((await galaxy.must(`systemd-analyze verify /etc/systemd/system/${unit}.service 2>&1`)).trim(), '')
  })

  test('it costs next to nothing when nothing happens', async (t) => {
    const spent = async () => Number(await site.property('CPUUsageNSec'))
    const before = await spent()
    await sleep(idleSeconds * 1000)
    const share = (await spent()) - before
    const percent = share / (idleSeconds * 1e7)
    t.ok(percent < 2, `${percent.toFixed(2)} % of a processor`)
    t.comment(`${percent.toFixed(2)} % of a processor, ${await site.property('MemoryCurrent')} bytes`)
  })

  test('it says nothing of trouble that was none', async (t) => {
    const said = await galaxy.must(`journalctl -u ${unit} -o cat`)
    t.notMatch(said, 'systemd_not_told')
    t.notMatch(said, 'level=error')
  })

  test('secrets are in no list of processes, no journal and no file that others read', async (t) => {
    for (const host of [galaxy, stats]) {
      t.same(secretsIn(await host.must('ps axww -o args; cat /proc/[0-9]*/environ 2>/dev/null || true'), secrets), [])
      t.same(secretsIn(await host.must('journalctl --no-pager -o export', { timeoutMs: 60_000 }), secrets), [])
      t.same(secretsIn(await host.must('cat /var/log/*.log /var/log/*/*.log 2>/dev/null || true'), secrets), [])
    }
    const unitText = await galaxy.must(`systemctl cat ${unit}`)
    t.same(secretsIn(unitText + (await galaxy.must('cat /home/ubuntu/workflow_invocations/config.yml')), secrets), [])
    t.equal((await galaxy.must('stat -c "%a %U" /home/ubuntu/workflow_invocations/secret.yml')).trim(), '600 ubuntu')
    t.match(await galaxy.must('id ubuntu'), /\(adm\)/)
    t.equal(await site.property('LimitCORE'), '0', 'nor in what is left of a crash')
  })
}
