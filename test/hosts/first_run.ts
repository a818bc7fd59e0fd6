// From bare hosts to counted invocations, and the same playbooks again.
import { type Test, test } from 'tap'
import { type Playbook, type Played, type PlayOptions, wentWell } from './ansible.ts'
import { must } from './command.ts'
import { alertRules, expectedGrafanaFiles, grafanaFiles } from './grafana_files.ts'
import { secretsIn } from './secrets.ts'
import { type Site, unit } from './site.ts'

const bareToCountedSeconds = 300

export function firstRun(site: Site, bootSeconds: number): void {
  const { ansible, galaxy, influxdb, traffic, secrets } = site

  /** Plays one after the other; what they write must hold no secret. */
  async function playBoth(t: Test, options?: PlayOptions) {
    const played: Played[] = []
    for (const playbook of ['stats', 'galaxy'] satisfies Playbook[]) {
      const play = await ansible.play(playbook, options)
      t.same(secretsIn(play.stdout + play.stderr, secrets), [], `${playbook}: no secret in its output`)
      t.comment(
        `${playbook}: ok=${play.ok} changed=${play.changed} failed=${play.failed}, ${play.seconds.toFixed(0)} s`,
      )
      played.push(play)
    }
    return played
  }

  test('a check run on bare hosts fails nowhere, changes nothing and shows no secret', async (t) => {
    for (const played of await playBoth(t, { check: true })) {
      wentWell(t, played)
      t.ok(played.changed > 0, 'says what it would change')
    }
    t.equal((await galaxy.shell(`test -e /etc/systemd/system/${unit}.service`)).status, 1)
    t.notOk((await influxdb.query('SHOW DATABASES')).some(({ name }) => name === 'workflow_invocations'))
  })

  test('both playbooks make bare hosts count 100 invocations from several labs', async (t) => {
    const startedMs = performance.now()
    for (const played of await playBoth(t)) wentWell(t, played)
    t.equal(await site.property('ActiveState'), 'active')
    t.equal(await site.property('UnitFileState'), 'enabled')
    t.equal(await site.property('NRestarts'), '0')
    const starts = await galaxy.must(`journalctl -u ${unit} --grep event=collecting -o cat | wc -l`)
    t.equal(starts.trim(), '1', 'it was started once')
    await traffic.send(100)
    const counted = await site.count()
    t.match(counted, { expected: 100, points: 100, missing: 0, extra: 0, wrong: [] })
    const seconds = bootSeconds + (performance.now() - startedMs) / 1000
    t.ok(seconds < bareToCountedSeconds, 'in less than five minutes')
    t.comment(`${JSON.stringify(counted)}, ${seconds.toFixed(0)} s with booting the hosts`)
    const labs = await influxdb.query(
      'SHOW TAG VALUES FROM workflow_invocation WITH KEY = domain',
      'workflow_invocations',
    )
    t.equal(labs.length, 5, 'labs told apart')
  })

  test('the stats host has database, users and provisioning as asked', async (t) => {
    t.match(await influxdb.query('SHOW RETENTION POLICIES ON workflow_invocations'), [
      { duration: '0s', default: true },
    ])
    t.match(await influxdb.query('SHOW GRANTS FOR node'), [{ database: 'workflow_invocations', privilege: 'WRITE' }])
    t.match(await influxdb.query('SHOW GRANTS FOR grafana'), [{ database: 'workflow_invocations', privilege: 'READ' }])
    const files = await site.stats.must('stat -c "%a %U %G %n" /etc/grafana/provisioning/*/workflow-invocations.yml')
    t.match(files, /^640 root grafana .*alerting.*\n640 root grafana .*dashboards.*\n640 root grafana .*datasources/)
    t.same(await grafanaFiles(site), expectedGrafanaFiles())
    const read = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)["datasources"][0]))'
    const text = await site.stats.must('cat /etc/grafana/provisioning/datasources/workflow-invocations.yml')
    const datasource = JSON.parse(await must('/usr/bin/python3', ['-c', read], { input: text }))
    t.match(datasource, {
      uid: 'workflow-invocations',
      type: 'influxdb',
      editable: false,
      jsonData: { version: 'InfluxQL', dbName: 'workflow_invocations' },
      // Grafana takes a single $ for a variable.
      secureJsonData: { password: secrets.influxdbReader.replaceAll('$', '$$$$') },
    })
    t.equal((await site.stats.must('systemctl show --value -p ActiveState grafana-server')).trim(), 'active')
  })

  test('dashboards and alert rules refer to the datasource by its uid, and the rules can be taken away', async (t) => {
    const variables = { workflow_invocations_grafana_datasource_uid: 'an$other' }
    // The datasource, the dashboards, the rules, and Grafana is restarted.
    wentWell(t, await ansible.play('stats', { variables }), { changed: 4 })
    t.same(await grafanaFiles(site), expectedGrafanaFiles('an$other'))
    wentWell(t, await ansible.play('stats', { variables: { workflow_invocations_grafana_alerts: false } }))
    t.same((await grafanaFiles(site)).alerting, {
      apiVersion: 1,
      deleteRules: alertRules.map(({ uid }) => ({ orgId: 1, uid })),
    })
    wentWell(t, await ansible.play('stats'))
    t.same(await grafanaFiles(site), expectedGrafanaFiles())
  })

  test('both playbooks again change nothing', async (t) => {
    const grafana = () => site.stats.must('systemctl show --value -p MainPID grafana-server')
    const before = [await site.property('MainPID'), await grafana()]
    for (const played of await playBoth(t)) wentWell(t, played, { changed: 0 })
    t.same([await site.property('MainPID'), await grafana()], before, 'and restart nothing')
  })

  test('a check run on deployed hosts finds nothing to change and shows no secret', async (t) => {
    for (const played of await playBoth(t, { check: true })) wentWell(t, played, { changed: 0 })
    const other = 'another-id-secret'
    const variables = {
      workflow_invocations_domains: ['usegalaxy.org.au'],
      workflow_invocations_galaxy_id_secret: other,
    }
    const play = await ansible.play('galaxy', { check: true, variables })
    wentWell(t, play)
    t.match(play.stdout, /^-- genome\.usegalaxy\.org\.au/m, 'the diff of what would change')
    t.notMatch(play.stdout + play.stderr, other)
    t.same(secretsIn(play.stdout + play.stderr, secrets), [])
    t.comment(`with a change: changed=${play.changed}`)
  })

  test('a checkout plays as the archive does', async (t) => {
    wentWell(t, await ansible.play('galaxy', { check: true, fromCheckout: true }))
  })
}
