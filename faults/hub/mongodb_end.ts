import { startFerretdb } from '../../test/services/ferretdb.ts'
import { counted, type FarEnd, faultsOfServer } from './far_end.ts'

const [database, collection] = ['hub', 'events']

/** A server that speaks MongoDB's protocol. */
export async function mongodbEnd(): Promise<FarEnd> {
  const server = await startFerretdb()
  return {
    name: 'mongodb',
    settings: { kind: 'mongodb', url: server.url, database, collection },
    faults: faultsOfServer(server),
    held: () =>
      server.inCollection(database, collection, async (events) => {
        const ids = await events.find({}, { projection: { _id: 1 } }).toArray()
        return counted(ids.map(({ _id: id }) => String(id)))
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
