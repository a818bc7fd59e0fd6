// Other ways to set a hub up, and away with it.
import { type Test, test } from 'tap'
import { wentWell } from './ansible.ts'
import { arrived } from './arrived.ts'
import { destinations, type EventsSite, keysFolder } from './events_site.ts'
import { senderTo } from './sender.ts'

export function hubSwitches(site: EventsSite): void {
  const { hub, probes, secrets } = site
  const play = async (t: Test, variables: object) => wentWell(t, await site.play('events', { variables }))
  const stateOf = async (unit: string) =>
    (await hub.must(`systemctl show --value -p ActiveState -p UnitFileState '${unit}'`)).trim().split('\n').sort()

  test('a destination gets a worker and loses it when it is taken out, and so does the API its unit', async (t) => {
    const copy = { ...destinations.dashboards, measurement: 'copy_{category}' }
    const more = { ...destinations, copy }
    const password = { password: secrets['influxdbWriter'] }
    const both = {
      workflow_events_destinations: more,
      workflow_events_secrets: { events: { destinations: { dashboards: password, copy: password } } },
    }
    await play(t, both)
    t.same(await stateOf('workflow-events-worker@copy'), ['active', 'enabled'])
    const sender = senderTo(hub, secrets['key of galaxy']!, 'copied')
    await sender.send(3)
    t.match(await arrived(site, sender, 'copy_copied'), { points: 30, missing: 0, twice: 0, strange: 0 })

    // Without the API: a host may have workers alone.
    await play(t, { workflow_events_api: false })
    t.same(await stateOf('workflow-events-worker@copy'), ['disabled', 'inactive'])
    t.same(await stateOf('workflow-events-worker@dashboards'), ['active', 'enabled'])
    t.equal((await hub.shell('systemctl cat workflow-events-api')).status, 1)
  })

  test('without RabbitMQ the API delivers by itself, and no worker is left', async (t) => {
    await play(t, { workflow_events_rabbitmq_url: '' })
    t.equal((await hub.must("systemctl list-units --all --no-legend 'workflow-events-worker@*'")).trim(), '')
    t.equal((await hub.shell('ls /etc/systemd/system/workflow-events-worker@.service')).status, 2)
    const sender = senderTo(hub, secrets['key of galaxy']!, 'embedded')
    await sender.send(3)
    t.match(await arrived(site, sender), { points: 30, missing: 0, twice: 0, strange: 0 })
  })

  test('taken away, events and keys stay, unless they are to go', async (t) => {
    const absent = { workflow_events_state: 'absent' }
    await play(t, absent)
    t.equal((await hub.shell('ls /etc/systemd/system/workflow-events-*')).status, 2)
    t.equal((await hub.must('ls /opt/workflow-events')).trim(), 'keys')
    t.equal((await hub.shell('test -e /var/lib/workflow-events/events.sqlite')).status, 0)
    await play(t, { ...absent, workflow_events_remove_events: true })
    t.equal((await hub.shell(`test -e ${keysFolder} -o -e /var/lib/workflow-events`)).status, 1)
    const gone = { workflow_probes_state: 'absent', workflow_probes_remove_results: true, workflow_probes_hub_host: '' }
    wentWell(t, await site.play('probes', { variables: gone }))
    for (const { shell } of Object.values(probes)) {
      t.equal((await shell('systemctl cat workflow-probe')).status, 1)
      t.equal((await shell('test -e /opt/workflow-probes -o -e /var/lib/workflow-probes')).status, 1)
    }
  })
}
