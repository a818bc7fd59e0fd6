import { Parser } from 'htmlparser2'
import { type Answer, type Connections, RequestFailed } from './request.ts'

const resourcesMax = 200
const bytesMax = 100 * 1024 * 1024
const together = 6

/** What the resources of a page came to. */
export interface PageLoad {
  resources: number
  bytes: number
  /** One for each that failed: its address without query, and why. */
  failures: string[]
  /** Whether there were more, or more bytes of them, than are fetched. */
  isCut: boolean
}

/** Fetches what a browser would fetch for a page of HTML, a few at a time. */
export async function loadResources(
  document: Answer,
  connections: Connections,
  headersFor: (url: URL) => Record<string, string>,
): Promise<PageLoad> {
  const named = resourcesOf(document.body.toString('utf8'), document.url)
  const wanted = named.slice(0, resourcesMax)
  const load: PageLoad = { resources: wanted.length, bytes: 0, failures: [], isCut: named.length > wanted.length }
  const fetchNext = async (): Promise<void> => {
    for (let url = wanted.shift(); url !== undefined; url = wanted.shift()) {
      const readBytes = bytesMax - load.bytes
      if (readBytes <= 0) {
        load.isCut = true
        return
      }
      try {
        const { bytes, status, isCut } = await following(url, connections, headersFor, readBytes)
        load.bytes += bytes
        load.isCut ||= isCut
        if (status < 200 || status > 299) load.failures.push(`${url.origin}${url.pathname}: HTTP ${status}`)
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error
        load.failures.push(`${url.origin}${url.pathname}: ${error.message}`)
      }
    }
  }
  await Promise.all(Array.from({ length: together }, fetchNext))
  return load
}

const redirectsMax = 5

async function following(
  url: URL,
  connections: Connections,
  headersFor: (url: URL) => Record<string, string>,
  readBytes: number,
): Promise<Answer> {
  for (let redirects = 0; ; redirects++) {
    const answer = await connections.request(url, { method: 'GET', headers: headersFor(url), keepBytes: 0, readBytes })
    const next = redirects < redirectsMax ? redirectOf(answer) : null
    if (next === null) return answer
    url = next
  }
}

/** Where an answer sends whoever asked; `null` where nowhere on the web. */
export function redirectOf({ status, headers, url }: Answer): URL | null {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return null
  return onTheWeb(headers.location, url)
}

/** The images, scripts and style sheets that a page names, each once, in its order. */
export function resourcesOf(html: string, page: URL): URL[] {
  let base = page
  const found = new Map<string, URL>()
  const add = (reference: string | undefined) => {
    const url = reference === undefined || reference.trim() === '' ? null : onTheWeb(reference.trim(), base)
    if (url === null) return
    url.hash = ''
    found.set(url.href, url)
  }
  const parser = new Parser({
    onopentag(name, { src, href, rel = '' }) {
      if (name === 'base' && href !== undefined) base = onTheWeb(href, page) ?? base
      if (name === 'img' || name === 'script') add(src)
      if (name === 'link' && /(?:^|\s)stylesheet(?:\s|$)/i.test(rel)) add(href)
    },
  })
  parser.end(html)
  return [...found.values()]
}

function onTheWeb(reference: string, base: URL): URL | null {
  const url = URL.parse(reference, base.href)
  return url !== null && /^https?:$/.test(url.protocol) ? url : null
}
