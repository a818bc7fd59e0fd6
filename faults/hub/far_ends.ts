import { needsFerretdb } from '../../test/services/ferretdb_program.ts'
import type { FarEnd } from './far_end.ts'
import { influxdbEnd } from './influxdb_end.ts'
import { mongodbEnd } from './mongodb_end.ts'
import { amplitudeEnd, googleEnd } from './services_end.ts'

/** A destination of every kind that this machine can have. */
export async function farEnds(): Promise<{ all: FarEnd[]; [Symbol.asyncDispose](): Promise<void> }> {
  const all = [await influxdbEnd(), await amplitudeEnd(), await googleEnd()]
  const { skip } = needsFerretdb()
  if (skip === false) all.push(await mongodbEnd())
  else console.log(`left out: mongodb ${skip}`)
  return {
    all,
    async [Symbol.asyncDispose]() {
      for (const end of all) await end[Symbol.asyncDispose]()
    },
  }
}
