import { startInfluxdb } from '../../test/services/influxdb.ts'
import { startGate } from '../gate.ts'
import { counted, type FarEnd, faultsOfServer } from './far_end.ts'

const database = 'events'

/** A real InfluxDB, behind a gate for what it cannot be made to do. */
export async function influxdbEnd(): Promise<FarEnd> {
  const server = await startInfluxdb()
  await server.createDatabase(database)
  await server.addUser('hub', 'hub-password', { [database]: 'WRITE' })
  const gate = await startGate(server.port)
  const through = (manner: typeof gate.manner) => async () => {
    gate.manner = manner
    return async () => {
      gate.manner = () => ({ kind: 'pass' })
    }
  }
  const answer = (status: number, body: string) =>
    through(() => ({ kind: 'answer', status, type: 'application/json', body, passOn: false }))
  return {
    name: 'influxdb',
    settings: { kind: 'influxdb', url: gate.url, database, username: 'hub', password: 'hub-password', filter: ['#'] },
    faults: [
      ...faultsOfServer(server),
      { name: 'answers are lost', begin: through(() => ({ kind: 'lose answer' })) },
      { name: 'answers 503', begin: answer(503, '{"error":"engine is closed"}') },
      { name: 'answers 401', begin: answer(401, '{"error":"authorization failed"}') },
    ],
    async held() {
      const measurements = await server.query(database, 'SHOW MEASUREMENTS')
      const rows = measurements.map(({ name }) => server.query(database, `SELECT event_id FROM "${name}"`))
      return counted((await Promise.all(rows)).flat().map(({ event_id: id }) => String(id)))
    },
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
