// From bare hosts to events in InfluxDB, by way of RabbitMQ, and the same playbooks again.
import { type Test, test } from 'tap'
import { request } from '../services/http.ts'
import { type PlayOptions, wentWell } from './ansible.ts'
import { arrived } from './arrived.ts'
import { type EventsSite, keysFolder, regions } from './events_site.ts'
import { until } from './machine.ts'
import { secretsIn } from './secrets.ts'
import { senderTo } from './sender.ts'

const units = ['workflow-events-api', 'workflow-events-worker@dashboards']

export function hubFirstRun(site: EventsSite): void {
  const { hub, broker, probes, secrets } = site

  /** What they write must hold no secret. */
  async function play(t: Test, playbook: 'events' | 'probes', expected: { changed?: number }, options?: PlayOptions) {
    const played = await site.play(playbook, options)
    wentWell(t, played, expected)
    t.same(secretsIn(played.stdout + played.stderr, secrets), [], `${playbook}: no secret in its output`)
    const seconds = played.seconds.toFixed(0)
    t.comment(`${playbook}: ok=${played.ok} changed=${played.changed} failed=${played.failed}, ${seconds} s`)
    return played
  }

  /** At the same time, where neither needs what the other makes. */
  const playBoth = (t: Test, expected: { changed?: number }, options?: PlayOptions) =>
    Promise.all([play(t, 'events', expected, options), play(t, 'probes', expected, options)])

  test('a check run on bare hosts fails nowhere and changes nothing', async (t) => {
    for (const { changed } of await playBoth(t, {}, { check: true })) t.ok(changed > 0, 'says what it would change')
    t.equal((await hub.shell('ls /opt/workflow-events')).status, 2)
    t.notMatch(await broker.must('rabbitmqctl --quiet list_vhosts'), 'events')
  })

  test('both playbooks make bare hosts a hub with RabbitMQ and probes in three regions', async (t) => {
    await play(t, 'events', {})
    await play(t, 'probes', {})
    for (const name of [...regions, 'galaxy']) {
      const file = `${keysFolder}/${name}.key`
      secrets[`key of ${name}`] = (await hub.must(`cat ${file}`)).trim()
      t.match(secrets[`key of ${name}`], /^wr_[0-9a-f]{12}_[\w-]{43}$/)
      t.equal((await hub.must(`stat -c '%a %U' ${file}`)).trim(), '600 root')
    }
    const states = await hub.must(
      `systemctl show --value -p ActiveState -p UnitFileState -p NRestarts ${units.join(' ')}`,
    )
    t.same(states.split(/\s+/).filter(Boolean).sort(), ['0', '0', 'active', 'active', 'enabled', 'enabled'])
    for (const [region, machine] of Object.entries(probes)) {
      const state = await machine.must('systemctl show --value -p ActiveState -p NRestarts workflow-probe')
      t.same(state.split(/\s+/).filter(Boolean).sort(), ['0', 'active'], region)
    }
    const starts = await hub.must('journalctl -u workflow-events-api --grep event=serving -o cat | wc -l')
    t.equal(starts.trim(), '1', 'it was started once')
    const permissions = await broker.must('rabbitmqctl --quiet list_permissions --vhost events --formatter=json')
    const pattern = '^(workflow\\.events.*|clowder\\.metrics|amq\\.default)$'
    t.match(JSON.parse(permissions), [{ user: 'workflow', configure: pattern, write: pattern, read: pattern }])
  })

  test('events that are posted to the API arrive in InfluxDB, and the API knows', async (t) => {
    const sender = senderTo(hub, secrets['key of galaxy']!, 'first')
    await sender.send(20)
    const counted = await arrived(site, sender)
    t.match(counted, { accepted: 200, points: 200, missing: 0, twice: 0, strange: 0 })
    t.comment(JSON.stringify(counted))
    const [id] = sender.accepted
    const Authorization = `Bearer ${secrets['key of galaxy']}`
    const way = async () =>
      (await request(`http://${hub.address}:8090/v1/events/${id}`, { headers: { Authorization } })).body
    await until(20_000, async () => /"state":"delivered"/.test(await way()), way)
    const queues = await broker.must('rabbitmqctl --quiet list_queues --vhost events name type')
    t.match(queues, /workflow\.events\.dashboards\s+quorum/)
  })

  test('both playbooks again change nothing, and neither does a check run', async (t) => {
    const running = () => hub.must(`systemctl show --value -p MainPID ${units.join(' ')}`)
    const before = await running()
    await playBoth(t, { changed: 0 })
    await playBoth(t, { changed: 0 }, { check: true })
    t.equal(await running(), before, 'and restart nothing')
    const other = 'another-password'
    const variables = { workflow_events_listen: '0.0.0.0:8091', vault_workflow_events_influxdb_password: other }
    const played = await site.play('events', { check: true, variables })
    wentWell(t, played)
    t.match(played.stdout, /^\+ {2}listen: 0\.0\.0\.0:8091/m, 'the diff of what would change')
    t.notMatch(played.stdout + played.stderr, other)
    t.same(secretsIn(played.stdout + played.stderr, secrets), [])
  })

  test('a mistake fails the play with line and remedy, and changes nothing', async (t) => {
    const variables = {
      workflow_events_destinations: {
        dashboards: { kind: 'influxdb', url: 'stats', databse: 'x', username: 'events' },
      },
    }
    const played = await site.play('events', { variables })
    t.match(played, { failed: 1, changed: 0 })
    t.match(played.stdout, /config\.yml:\d+: events\.destinations\.dashboards\.databse: unknown key/)
    t.match(played.stdout, 'Nothing was changed')
    t.same(secretsIn(played.stdout + played.stderr, secrets), [])
    const open = {
      workflow_events_config: {
        events: { rabbitmq: { url: `amqp://workflow:${encodeURIComponent(secrets['rabbitmq']!)}@x/events` } },
      },
    }
    const refused = await site.play('events', { variables: open })
    t.match(refused, { failed: 1, changed: 0 })
    t.match(refused.stdout, 'Move it to workflow_events_secrets')
    t.same(secretsIn(refused.stdout + refused.stderr, secrets), [])
  })
}
