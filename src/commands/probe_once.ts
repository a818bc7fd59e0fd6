import type { Configuration } from '../config/load.ts'
import { OwnNetwork } from '../probing/own_network.ts'
import { Checker, type ResultEvent } from '../probing/result.ts'
import { Standing } from '../probing/standing.ts'
import { columns } from './columns.ts'
import { tryingOf } from './tries.ts'

/** Makes each check of the configuration once, and sends nothing. @returns 1 where one failed outside maintenance */
export async function probeOnce({ probe, nginx }: Configuration, json: boolean): Promise<number> {
  const { region, connectivity, at_once: atOnce, checks } = probe!
  const network = new OwnNetwork(connectivity)
  const { signal } = new AbortController()
  const left = Object.entries(checks)
  const events = new Map<string, ResultEvent>()
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [name, check] = next
      const { attempt, close } = tryingOf(check, nginx)
      const { event } = await new Checker(name, region, check, attempt, new Standing(check), network).run(signal)
      events.set(name, event)
      close()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const results = Object.keys(checks).map((name) => events.get(name)!.payload)
  const ok = results.every(({ success, maintenance }) => success === true || maintenance === true)
  process.stdout.write(json ? `${JSON.stringify({ ok, results })}\n` : table(results))
  return ok ? 0 : 1
}

function table(results: ResultEvent['payload'][]): string {
  const rows = results.map(({ success, maintenance, probe, kind, target, message, elapsed_ms: elapsedMs }) => {
    const word = success === true ? 'ok' : maintenance === true ? 'maintenance' : 'FAIL'
    return [word, probe, kind, target, `${Math.round(Number(elapsedMs))} ms`, message].map((cell) =>
      plain(String(cell)),
    )
  })
  return columns(rows)
}

/** What a stranger's server said must not reach a terminal as it is. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
