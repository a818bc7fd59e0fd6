import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { placeOf } from './check.ts'
import { pingTry } from './ping.ts'
import { connect } from './tcp.ts'

const lookMs = 3000
/** Checks that fail together share one look. */
const goodForMs = 5000

/** Tells a target that is down from a probe that is cut off. */
export class OwnNetwork {
  readonly #hosts: string[]
  #look: { beganMs: number; isUp: Promise<boolean> } | null = null

  /** @param hosts `gateway`, a host to ping, or HOST:PORT to connect to; none: the network is taken to be up */
  constructor(hosts: string[]) {
    this.#hosts = hosts
  }

  /** Whether any of the hosts answers. */
  isUp(signal: AbortSignal): Promise<boolean> {
    const now = performance.now()
    if (this.#look === null || now - this.#look.beganMs > goodForMs)
      this.#look = { beganMs: now, isUp: this.#ask(signal) }
    return this.#look.isUp
  }

  async #ask(signal: AbortSignal): Promise<boolean> {
    if (this.#hosts.length === 0) return true
    const done = new AbortController()
    const either = AbortSignal.any([signal, done.signal])
    const asked = this.#hosts.map(async (host) => {
      if (!(await answers(host, either))) throw new Error('no answer')
    })
    const isUp = await Promise.any(asked).then(
      () => true,
      () => false,
    )
    done.abort()
    return isUp
  }
}

async function answers(host: string, signal: AbortSignal): Promise<boolean> {
  const place = placeOf(host)
  if (place !== null && isIP(host) === 0) return (await connect(place, lookMs, signal)) === null
  const target = host === 'gateway' ? defaultGateway() : host
  if (target === null) return false
  const one = pingTry({ target, count: 1, loss_percent: 100, family: 'any' } as Parameters<typeof pingTry>[0])
  // Where ping itself is missing, nothing is known against the network.
  return (await one(lookMs, signal)).verdict !== 'failed'
}

/** The IPv4 gateway of the default route, as the kernel has it (proc(5), /proc/net/route); `null` where there is none. */
export function defaultGateway(table: string = readRoutes()): string | null {
  for (const line of table.split('\n').slice(1)) {
    const [, destination, gateway = '', flags = '0'] = line.split('\t')
    const isUpAndGateway = (Number.parseInt(flags, 16) & 3) === 3
    if (destination !== '00000000' || !isUpAndGateway) continue
    // Four bytes in the machine's order.
    return gateway
      .match(/../g)!
      .map((byte) => Number.parseInt(byte, 16))
      .reverse()
      .join('.')
  }
  return null
}

/** By way of this process: a service that may see processes alone (`ProcSubset=pid`) has no `/proc/net`. */
function readRoutes(): string {
  try {
    return readFileSync('/proc/self/net/route', 'latin1')
  } catch {
    return ''
  }
}
