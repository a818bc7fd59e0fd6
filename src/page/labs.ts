/** Two tags are no hosts: the collector writes them where it may not or can not tell the lab. */
const special: Record<string, string> = { other: 'other sites', unknown: 'site not known' }

/** The number of colours that can be told from each other; they stand in theme.css. */
export const coloursMax = 8

/** A lab's host in two parts: what tells it from the others, and what it shares with them. */
export function labName(domain: string, all: readonly string[]): { own: string; shared: string } {
  const named = special[domain]
  if (named !== undefined) return { own: named, shared: '' }
  const parent = all.find((host) => domain.endsWith(`.${host}`))
  return parent === undefined
    ? { own: domain, shared: '' }
    : { own: domain.slice(0, -parent.length - 1), shared: `.${parent}` }
}

/** The host itself, or what stands in its place. */
export const labText = (domain: string): string => special[domain] ?? domain

const remembered = new Map<string, number>()

/**
 * A colour for each of the labs, as a number less than `coloursMax`; no two have the same. A lab keeps its colour for
 * as long as the page is open, whatever is filtered.
 */
export function colourNumbers(domains: readonly string[]): Map<string, number> {
  const taken = new Map<string, number>()
  const free = new Set(Array.from({ length: coloursMax }, (_, index) => index))
  for (const domain of domains) {
    const colour = remembered.get(domain)
    if (colour === undefined || !free.delete(colour)) continue
    taken.set(domain, colour)
  }
  for (const domain of domains) {
    if (taken.has(domain)) continue
    const [colour] = free
    if (colour === undefined) break
    free.delete(colour)
    taken.set(domain, colour)
    if (!remembered.has(domain)) remembered.set(domain, colour)
  }
  return taken
}
