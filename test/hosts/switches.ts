// Off and on again, away and back, and other ways to set it up.
import { type Test, test } from 'tap'
import { wentWell } from './ansible.ts'
import { type Site, unit } from './site.ts'

const nothingWrong = { missing: 0, extra: 0, wrong: [] }
const folder = '/home/ubuntu/workflow_invocations'

export function switches(site: Site): void {
  const { ansible, galaxy, traffic, secrets } = site
  const play = async (t: Test, variables: object, expected: { changed?: number } = {}) =>
    wentWell(t, await ansible.play('galaxy', { variables }), expected)

  test('switched off and on again: what was logged meanwhile is counted', async (t) => {
    await play(t, { workflows_reporting_enabled: false }, { changed: 1 })
    t.equal(await site.property('ActiveState'), 'inactive')
    t.equal(await site.property('UnitFileState'), 'disabled')
    await traffic.send(25)
    await play(
      t,
      { workflows_reporting_enabled: false, workflow_invocations_domains: ['usegalaxy.org.au'] },
      { changed: 1 },
    )
    t.equal(await site.property('ActiveState'), 'inactive', 'a change does not start it')
    await play(t, { workflows_reporting_enabled: true })
    t.equal(await site.property('ActiveState'), 'active')
    t.equal(await site.property('UnitFileState'), 'enabled')
    const counted = await site.count()
    t.match(counted, nothingWrong)
    t.comment(JSON.stringify(counted))
    await play(t, {}, { changed: 0 })
  })

  test('taken away, it leaves the saved position alone, and comes back to it', async (t) => {
    const absent = { workflow_invocations_state: 'absent' }
    await play(t, absent)
    t.equal((await galaxy.must(`ls ${folder}`)).trim(), 'state')
    t.equal((await galaxy.shell(`systemctl cat ${unit}`)).status, 1)
    await play(t, absent, { changed: 0 })
    await traffic.send(15)
    await play(t, {})
    t.match(await site.count(), nothingWrong)
  })

  test("the stats scripts' own secrets file will do, and the database's name is still ours", async (t) => {
    const file = '/home/ubuntu/stats/secret.yml'
    const { databasePassword, idSecret, influxdbWriter } = secrets
    const stats = {
      salt: 'anything',
      pgconn: { main: `postgres://reader:${databasePassword}@127.0.0.1:5432/galaxy` },
      influxdb: {
        host: 'stats.usegalaxy.org.au',
        database: 'another',
        ssl: true,
        verify_ssl: true,
        username: 'node',
        password: influxdbWriter,
      },
      galaxy: { id_secret: idSecret },
    }
    await galaxy.write(file, JSON.stringify(stats), 0o600)
    await galaxy.must(`chown -R ubuntu ${file}`)
    const variables = { workflow_invocations_secrets_file: file, workflow_invocations_influxdb_url: '' }
    await play(t, variables)
    t.equal((await galaxy.shell(`test -e ${folder}/secret.yml`)).status, 1, 'nothing reads a second one')
    await play(t, variables, { changed: 0 })
    await traffic.send(10)
    t.match(await site.count(), nothingWrong)
  })

  test('a secrets file that the user cannot read is refused', async (t) => {
    await galaxy.write('/root/secret.yml', 'salt: x\n', 0o600)
    const played = await ansible.play('galaxy', {
      variables: { workflow_invocations_secrets_file: '/root/secret.yml' },
    })
    t.match(played, { failed: 1, changed: 0 })
    t.match(played.stdout.replace(/\s+/g, ' '), '/root/secret.yml: user ubuntu cannot read it')
  })

  test("the writer's password is changed on both hosts", async (t) => {
    const variables = { vault_workflow_invocations_influxdb_password: `${secrets.influxdbWriter}-2` }
    wentWell(t, await ansible.play('stats', { variables }), { changed: 1 })
    await traffic.send(5)
    wentWell(t, await ansible.play('galaxy', { variables }))
    await traffic.send(5)
    t.match(await site.count(), nothingWrong)
    wentWell(t, await ansible.play('stats', { variables }), { changed: 0 })
    wentWell(t, await ansible.play('stats'), { changed: 1 })
    await play(t, {})
    t.match(await site.count(), nothingWrong)
  })

  test('half of the stats host can be played alone, by its tag', async (t) => {
    const variables = { workflow_invocations_grafana_folder: 'Another folder' }
    const grafana = await ansible.play('stats', { variables, tags: 'workflows_stats_grafana' })
    wentWell(t, grafana, { changed: 3 }) // The files of the provider and of the alerts, and one restart.
    t.notMatch(grafana.stdout, 'Ask InfluxDB')
    const influxdb = await ansible.play('stats', { tags: 'workflows_stats_influxdb' })
    wentWell(t, influxdb, { changed: 0 })
    t.match(influxdb.stdout, 'Ask InfluxDB')
  })

  test("the host's own Node.js will do", async (t) => {
    await galaxy.must(`cp ${folder}/node-* /usr/local/bin/node`)
    const variables = { workflow_invocations_node: '/usr/local/bin/node' }
    await play(t, variables)
    t.equal((await galaxy.shell(`ls ${folder}/node-*`)).status, 2, 'the copied one is gone')
    await play(t, variables, { changed: 0 })
    await traffic.send(10)
    t.match(await site.count(), nothingWrong)
    await play(t, {})
    t.match(await site.count(), nothingWrong)
  })

  test('taken away with everything', async (t) => {
    await play(t, { workflow_invocations_state: 'absent', workflow_invocations_remove_saved_position: true })
    t.equal((await galaxy.shell(`test -e ${folder}`)).status, 1)
  })
}
