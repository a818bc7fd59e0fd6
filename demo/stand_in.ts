import { LocalServer } from './local_server.ts'
import { type Clock, troubles } from './troubles.ts'

/** Named so that nobody takes it for an InfluxDB. */
export const standInName = 'influxdb-stand-in'

/** Stands where an InfluxDB would: it takes all points that are sent to it and keeps none. Now and then it is away. */
export function startStandIn(clock: Clock): Promise<LocalServer> {
  return LocalServer.start((request, response) => {
    request.resume()
    request.once('end', () => {
      if (!clock.isOn(troubles.destination)) response.writeHead(204).end()
      else response.writeHead(503, { 'Content-Type': 'application/json' }).end('{"error": "the stand-in is away"}')
    })
  })
}
