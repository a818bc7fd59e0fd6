// A server of RabbitMQ's that says nothing, or goes at once, which the real one cannot be made to.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import t from 'tap'
import { Unavailable } from '../../../src/base/errors.ts'
import { Rabbitmq } from '../../../src/clients/rabbitmq.ts'
import { freePort } from '../../services/temporary.ts'

/** Listens, and reads what it is told. */
async function silentServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).resume())
    onConnection(socket)
  })
  const port = await freePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const settings = { url: `amqp://tester:x@127.0.0.1:${port}`, verifySsl: true, caFile: null, name: 'test' }
  return {
    client: new Rabbitmq(settings),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    },
  }
}

t.test('many who wait for one connection that fails open one more, together', async (t) => {
  let connections = 0
  const { promise: first, resolve: onFirst } = Promise.withResolvers<Socket>()
  await using there = await silentServer((socket) => {
    if (++connections === 1) socket.once('data', () => onFirst(socket))
    else socket.once('data', () => socket.destroy())
  })
  const ask = () => there.client.session().catch((error) => error)
  const opening = ask()
  const socket = await first
  const waiting = Array.from({ length: 20 }, ask)
  socket.destroy()
  for (const error of await Promise.all([opening, ...waiting])) t.type(error, Unavailable)
  t.equal(connections, 2)
  await Promise.all([ask(), ask()])
  t.equal(connections, 3, 'and those who come later one more')
})

t.test('a stop does not wait until a server that says nothing is given up', async (t) => {
  const { promise: connected, resolve } = Promise.withResolvers<void>()
  await using there = await silentServer((socket) => void socket.once('data', () => resolve()))
  const opened = there.client.session().then(
    () => 'it was opened',
    () => 'it was given up',
  )
  await connected
  const closed = there.client.close().then(() => 'it was closed')
  t.equal(await Promise.race([closed, opened]), 'it was closed')
  await t.rejects(there.client.session(), Unavailable, 'and none is opened after it')
})
