// What is wrong fails the play, with place and remedy, and never reaches a collector that runs.
import { test } from 'tap'
import { secretsIn } from './secrets.ts'
import type { Site } from './site.ts'

export function wrongConfiguration(site: Site): void {
  const { ansible, galaxy, influxdb, traffic, secrets } = site
  const config = '/home/ubuntu/workflow_invocations/config.yml'

  test('a mistake fails the play with line and remedy, and the old collector goes on counting', async (t) => {
    const before = [await site.property('MainPID'), await galaxy.must(`cat ${config}`)]
    const play = await traffic.whileDoing(() =>
      ansible.play('galaxy', {
        variables: {
          workflow_invocations_config: { nginx: { start: 'middle', rotatde: [] }, max_domains: 'many' },
          workflow_invocations_galaxy_id_secret: 'odd',
        },
      }),
    )
    t.equal(play.failed, 1)
    t.match(play.stdout, /config\.yml:\d+: nginx\.start: expected end or beginning/)
    t.match(play.stdout, /config\.yml:\d+: nginx\.rotatde: unknown key\. Did you mean rotated\?/)
    t.match(play.stdout, /config\.yml:\d+: max_domains: expected a whole number, found a string/)
    t.match(play.stdout, /secret\.yml:\d+: galaxy\.id_secret: must be 4 to 56 bytes long/)
    t.match(play.stdout, 'Nothing was changed')
    t.equal(play.changed, 0)
    t.comment(play.stdout.match(/fatal:.*PLAY RECAP/s)?.[0] ?? play.stdout)
    t.same([await site.property('MainPID'), await galaxy.must(`cat ${config}`)], before)
    await traffic.send(10)
    t.match(await site.count(), { missing: 0, extra: 0, wrong: [] })
    t.equal((await galaxy.must('find /tmp -name "workflow_invocations*"')).trim(), '', 'nothing of the trial is left')
  })

  test('so it does in a check run', async (t) => {
    const play = await ansible.play('galaxy', { check: true, variables: { workflow_invocations_domains: ['a b'] } })
    t.equal(play.failed, 1)
    t.match(play.stdout, /config\.yml:\d+: domains\.0: expected a host alone/)
    t.same(secretsIn(play.stdout + play.stderr, secrets), [])
  })

  test('a secret in what everybody can read is refused', async (t) => {
    const variables = { workflow_invocations_config: { influxdb: { password: secrets.influxdbWriter } } }
    const play = await ansible.play('galaxy', { variables })
    t.equal(play.failed, 1)
    t.match(play.stdout, 'Move it to')
    t.same(secretsIn(play.stdout + play.stderr, secrets), [])
  })

  test("a host's own Node.js that is missing or too old is refused", async (t) => {
    await galaxy.write('/opt/old/node', '#!/bin/sh\necho v18.20.4\n', 0o755)
    for (const [node, told] of [
      ['/usr/bin/node', 'not to be run'],
      ['/opt/old/node', 'v18.20.4'],
    ] as const) {
      const play = await ansible.play('galaxy', { variables: { workflow_invocations_node: node } })
      t.match(play, { failed: 1, changed: 0 })
      t.match(play.stdout.replace(/\s+/g, ' '), `${node} is ${told}`)
    }
  })

  test('a database that forgets points is refused, and left as it is', async (t) => {
    await influxdb.query('CREATE DATABASE short WITH DURATION 30d')
    const play = await ansible.play('stats', { variables: { workflow_invocations_influxdb_database: 'short' } })
    t.match(play, { failed: 1, changed: 0 })
    t.match(play.stdout.replace(/\s+/g, ' '), /deletes points after 720h0m0s/)
    t.match(play.stdout, 'ALTER RETENTION POLICY')
    t.match(await influxdb.query('SHOW RETENTION POLICIES ON short'), [{ duration: '720h0m0s' }])
  })

  test('a wrong password of the admin is told as such', async (t) => {
    const variables = { workflow_invocations_influxdb_admin_password: 'wrong' }
    const play = await ansible.play('stats', { variables })
    t.equal(play.failed, 1)
    t.match(play.stdout, 'Check workflow_invocations_influxdb_admin_username and its password')
  })
}
