// Points that InfluxDB refuses for good, among others that it takes.

import { plantedDomain } from '../comparison.ts'
import type { Fault } from '../fault.ts'
import type { Site } from '../site.ts'

/** A workflow from a registry: its points alone have the field `trs_version_id`. */
const workflow = 150
/** How many there were in the rounds before. */
const asked = new WeakMap<Site, number>()

export const refusedPointsFault: Fault = {
  name: 'influxdb-refuses-some',
  about: 'InfluxDB refuses one workflow’s points for good (field type conflict): these are counted, all others written',
  async strike({ site, random, traffic, moment }) {
    const { postgres, influxdb, name, living } = site
    const metadata = { trs_server: 'dockstore', trs_tool_id: '#workflow/github.com/iwc/one', trs_version_id: 'v1' }
    await postgres.sql(name)`
      insert into stored_workflow (id, user_id, name, published) values (${workflow}, 1, 'one', true)
      on conflict do nothing`
    await postgres.sql(name)`
      insert into workflow (id, stored_workflow_id, name, source_metadata, create_time, update_time)
      values (${workflow + 1000}, ${workflow}, 'one', ${Buffer.from(JSON.stringify(metadata))}, '2020-01-01', '2020-01-01')
      on conflict do nothing`
    // A field has one type in each week's shard: the one it came with first.
    await influxdb.write(
      name,
      `workflow_invocation,domain=${plantedDomain} count=1,trs_version_id=1 ${BigInt(Date.now()) * 1_000_000n}`,
    )
    for (let left = random.integer(1, 4); left > 0; left--) {
      const [ids] = await Promise.all([
        living.invoke(random.integer(1, 3), { workflow, answerMs: random.integer(0, 200) }),
        traffic.some(),
      ])
      for (const id of ids) site.refusable.add(id)
      await moment(0, 100)
    }
  },
  async afterwards({ site }) {
    const { refused = 0 } = await site.collector.stop()
    await site.collector.start()
    const wanted = site.refusable.size - (asked.get(site) ?? 0)
    asked.set(site, site.refusable.size)
    return refused === wanted ? [] : [`the collector counted ${refused} points as refused, and not ${wanted}`]
  },
}
