import { execFile } from 'node:child_process'
import { codeOf } from '../base/errors.ts'
import type { CheckOf } from './check.ts'
import type { Finding, Try } from './finding.ts'

const packetEverySeconds = 0.2
const outputMaxBytes = 64 * 1024
const families = { any: [], ipv4: ['-4'], ipv6: ['-6'] }

/** What Debian's `ping` (iputils) says at its end; `(DUP!)` and ICMP errors are told between the two numbers. */
const packets = /^(\d+) packets transmitted, (\d+) received,(?: \+\d+ \w+,)* ([\d.]+)% packet loss, time \d+ms$/m
const times = /^rtt min\/avg\/max\/mdev = ([\d.]+)\/([\d.]+)\/([\d.]+)\/([\d.]+) ms/m
const timeToLive = /^\d+ bytes from .* ttl=(\d+) /m

/**
 * Pings with the system's own program, which may do so without root: Node.js has no ICMP socket. The fields are those of
 * Telegraf's `ping` (plugins/inputs/ping/README.md), with its result codes: 0 success, 1 no such host, 2 ping error.
 */
export function pingTry(check: CheckOf<'ping'>): Try {
  return async (timeoutMs, signal) => {
    // It waits for the last answer as long as there is time; the whole run is ended by `-w`.
    const seconds = String(timeoutMs / 1000)
    const amount = ['-c', String(check.count), '-i', String(packetEverySeconds), '-W', seconds]
    const args = [...families[check.family], '-n', ...amount, '-w', String(Math.ceil(timeoutMs / 1000)), '--']
    const { error, output } = await run([...args, check.target], timeoutMs + 1000, signal)
    if (codeOf(error) === 'ENOENT') return unknown('there is no program ping here. Install the package iputils-ping')
    const said = packets.exec(output)
    return said === null ? silent(output) : answered(check, said.slice(1).map(Number), output)
  }
}

/** It sent nothing: the name is none, there is no way, or it may not. */
function silent(output: string): Finding {
  const line =
    output
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^ping: /, '') || 'ping said nothing'
  if (/Operation not permitted|missing cap_net_raw|Lacking privilege/i.test(output)) {
    return unknown(
      `ping may not send: ${line}. Allow it with net.ipv4.ping_group_range, or setcap cap_net_raw+ep on it`,
    )
  }
  if (/invalid option|unrecognized option|BusyBox/i.test(output))
    return unknown(`ping is not the one of iputils: ${line}. Install the package iputils-ping`)
  const isName = /not known|No address associated|failure in name resolution/i.test(line)
  const [result, code] = isName ? ['no_such_host', 1] : ['ping_error', 2]
  return { verdict: 'failed', result: String(result), message: line, fields: { result_code: Number(code) } }
}

function answered({ loss_percent: lossPercent }: CheckOf<'ping'>, numbers: number[], output: string): Finding {
  const [sent = 0, received = 0, lost = 100] = numbers
  const [, minimum, average, maximum, deviation] = times.exec(output) ?? []
  const ttl = timeToLive.exec(output)?.[1]
  const isGood = lost < lossPercent && received > 0
  const packetsOf = `${received} of ${sent} packets came back`
  return {
    verdict: isGood ? 'good' : 'failed',
    result: isGood ? 'success' : 'packet_loss',
    message: average === undefined ? packetsOf : `${packetsOf}, ${average} ms on average`,
    fields: {
      packets_transmitted: sent,
      packets_received: received,
      percent_packet_loss: lost,
      ...(ttl !== undefined && { ttl: Number(ttl) }),
      ...(average !== undefined && {
        minimum_response_ms: Number(minimum),
        average_response_ms: Number(average),
        maximum_response_ms: Number(maximum),
        standard_deviation_ms: Number(deviation),
      }),
      result_code: 0,
    },
  }
}

const unknown = (message: string): Finding => ({
  verdict: 'unknown',
  result: 'probe_error',
  message,
  fields: { result_code: 2 },
})

function run(args: string[], timeout: number, signal: AbortSignal): Promise<{ error: unknown; output: string }> {
  const env = { ...process.env, LC_ALL: 'C' }
  return new Promise((resolve) => {
    const options = { env, timeout, signal, killSignal: 'SIGKILL', maxBuffer: outputMaxBytes } as const
    execFile('ping', args, options, (error, stdout, stderr) => resolve({ error, output: `${stdout}\n${stderr}` }))
  })
}
