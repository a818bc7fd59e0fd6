// The log that the readers are compared on: deterministic, and like a Galaxy server's.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { idCodec } from '../src/galaxy/ids.ts'

export const idSecret = 'the secret of the bench'
export const workflowCount = 50
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const agent =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36'
const startMs = Date.UTC(2026, 5, 1)
const linesPerSecond = 60

export interface LogShape {
  bytes: number
  /** One line in so many invokes a workflow. */
  oneIn: number
}

/** Writes the log; 3.1 % of its lines are POST. Returns how many lines, and when each invocation ended. */
export async function writeLog(path: string, { bytes, oneIn }: LogShape) {
  const codec = idCodec(idSecret)
  const encoded = Array.from({ length: workflowCount }, (_, index) => codec.encode(BigInt(index + 1)))
  const output = createWriteStream(path, { highWaterMark: 4 * 1024 * 1024 })
  const invocations: { workflow: number; endMs: number }[] = []
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
  const hex = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
      .repeat(2)
  let written = 0
  let lines = 0
  for (let chunk: string[] = []; written < bytes; chunk = []) {
    for (let index = 0; index < 5000; index++, lines++) {
      const endMs = startMs + Math.floor(lines / linesPerSecond) * 1000
      const head = `203.0.113.${lines % 250} - - [${timeLocal(endMs)}]`
      const tail = `"https://genome.usegalaxy.org.au/histories/view?id=${hex()}" "${agent}"\n`
      const kind = random()
      if (lines % oneIn === oneIn >> 1) {
        const workflow = Math.floor(random() * workflowCount)
        invocations.push({ workflow: workflow + 1, endMs })
        chunk.push(`${head} "POST /api/workflows/${encoded[workflow]}/invocations HTTP/1.1" 200 1234 ${tail}`)
      } else if (kind < 0.031) {
        chunk.push(`${head} "POST /api/tools/fetch?key=${hex()} HTTP/1.1" 200 ${Math.floor(kind * 1e6)} ${tail}`)
      } else {
        chunk.push(
          `${head} "GET /api/histories/${hex()}/contents?v=dev&limit=${lines % 500} HTTP/1.1" 200 ${Math.floor(kind * 1e5)} ${tail}`,
        )
      }
    }
    const text = chunk.join('')
    written += text.length
    if (!output.write(text)) await once(output, 'drain')
  }
  output.end()
  await once(output, 'finish')
  return { lines, bytes: written, invocations }
}

function timeLocal(timeMs: number): string {
  const iso = new Date(timeMs).toISOString()
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
}
