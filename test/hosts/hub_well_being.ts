// What an operator sees of the hub and the probes, and what nobody may see.
import { test } from 'tap'
import type { EventsSite } from './events_site.ts'
import type { Machine } from './machine.ts'
import { secretsIn } from './secrets.ts'

const exposureMax = 2.0

export function hubWellBeing(site: EventsSite): void {
  const { hub, broker, probes, machines, secrets } = site
  const units: [Machine, string][] = [
    [hub, 'workflow-events-api.service'],
    [hub, 'workflow-events-worker@dashboards.service'],
    [probes['sydney']!, 'workflow-probe.service'],
  ]

  test('systemctl status answers at one look whether it is well', async (t) => {
    const wanted = [
      /Status: "Serving http.*exchange: \d+ delivered/,
      /Status: "Delivering: \d+ delivered/,
      /Status: "Probing from sydney: /,
    ]
    for (const [index, [machine, unit]] of units.entries()) {
      const status = await machine.must(`systemctl status --no-pager -n 0 ${unit}`)
      t.match(status, /Active: active \(running\)/)
      t.match(status, wanted[index]!)
      t.comment(status)
    }
  })

  test('systemd finds them locked up well', async (t) => {
    for (const [machine, unit] of units) {
      const analysis = await machine.must(`systemd-analyze security --no-pager ${unit}`)
      const exposure = Number(analysis.match(/Overall exposure level.*: ([\d.]+)/)?.[1])
      t.ok(exposure <= exposureMax, `${unit}: exposure ${exposure}`)
      t.comment(
        `${unit}\n${analysis
          .split('\n')
          .filter((line) => /^✗|→/.test(line))
          .join('\n')}`,
      )
      const file = unit.replace('@dashboards', '@')
      t.equal((await machine.must(`systemd-analyze verify /etc/systemd/system/${file} 2>&1`)).trim(), '')
    }
  })

  test('secrets and keys are in no list of processes, no journal, no unit and no file that others read', async (t) => {
    for (const host of machines) {
      const processes = await host.must('ps axww -o args; cat /proc/[0-9]*/environ 2>/dev/null || true')
      t.same(secretsIn(processes, secrets), [], `${host.name}: processes`)
      const journal = await host.must('journalctl --no-pager -o export', { timeoutMs: 60_000 })
      t.same(secretsIn(journal, secrets), [], `${host.name}: journal`)
      const logs = await host.must('cat /var/log/*.log /var/log/*/*.log 2>/dev/null || true')
      t.same(secretsIn(logs, secrets), [], `${host.name}: logs`)
      const files = await host.must('cat /opt/*/config.yml /etc/systemd/system/workflow-* 2>/dev/null || true')
      t.same(secretsIn(files, secrets), [], `${host.name}: configuration and units`)
      const readable =
        "find /opt /var/lib/workflow-* -name 'secret.yml' -o -name '*.key' -o -name '*.sqlite*' 2>/dev/null"
      const modes = await host.must(`${readable} | xargs -r stat -c '%a'`)
      t.ok(
        modes.split('\n').every((mode) => mode === '' || mode === '600'),
        `${host.name}: modes`,
      )
    }
    t.match(await broker.must('rabbitmqctl --quiet list_users'), /^workflow\t/m)
  })

  test('they say nothing of trouble that was none', async (t) => {
    for (const [machine, unit] of units) {
      const said = await machine.must(`journalctl -u ${unit} -o cat`)
      t.notMatch(said, 'systemd_not_told')
      t.notMatch(said, 'level=error')
    }
  })
}
