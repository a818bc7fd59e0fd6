import type { Configuration } from '../config/load.ts'
import { ClientCounter } from '../nginx/clients.ts'
import { compileLogFormat } from '../nginx/log_format.ts'
import type { Check } from '../probing/check.ts'
import { httpTry } from '../probing/http.ts'
import { pingTry } from '../probing/ping.ts'
import type { Trying } from '../probing/prober.ts'
import { nginxTry } from '../probing/stub_status.ts'
import { tcpTry } from '../probing/tcp.ts'

/** How a check is tried. */
export function tryingOf(check: Check, { log_format: logFormat, rotated }: Configuration['nginx']): Trying {
  const close = () => {}
  switch (check.kind) {
    case 'ping':
      return { attempt: pingTry(check), close }
    case 'tcp':
      return { attempt: tcpTry(check), close }
    case 'http':
      return { attempt: httpTry(check), close }
    case 'nginx': {
      if (check.access_log === undefined) return { attempt: nginxTry(check, null), close }
      const format = compileLogFormat(logFormat.text, logFormat.escape)
      const counter = new ClientCounter(check.access_log, rotated, format)
      return { attempt: nginxTry(check, () => counter.lastMinute()), close: () => counter.close() }
    }
  }
}
