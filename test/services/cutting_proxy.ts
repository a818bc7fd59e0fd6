// Stands between a program and a server, and cuts the connection at a byte of one's choice.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type CuttingProxy = {
  readonly port: number
  /** From now on the server's answers pass for so many bytes more; there the connection is cut, once. */
  cutAfter(bytes: number, how: 'closed' | 'reset'): void
  /** How many connections were cut so far. */
  cuts(): number
  [Symbol.asyncDispose](): Promise<void>
}

/** Listens on a port of its own and passes everything on to a server's on 127.0.0.1. */
export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let left = Number.POSITIVE_INFINITY
  let manner: 'closed' | 'reset' = 'closed'
  let count = 0

  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
    client.pipe(server)
    server.on('data', (chunk) => {
      client.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left > 0) return
      left = Number.POSITIVE_INFINITY
      count += 1
      if (manner === 'reset') client.resetAndDestroy()
      else client.destroy()
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))

  return {
    port: (proxy.address() as AddressInfo).port,
    cutAfter(bytes, how) {
      left = bytes
      manner = how
    },
    cuts: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
