// The sites that people come from. Each Referer stands beside the domain that the contract makes of it with the domains
// of `defaultSettings`; the oracle has to come to the same by its rules.
import type { Random } from './random.ts'

export type RefererCase = {
  referer: string
  /** The tag of an accepted request's point. */
  domain: string
  /** The tag of a refused request's, which keeps only the hosts that the configuration lists themselves. */
  refusedDomain: string
}

/** Labs listed themselves, then subdomains that only stand under a listed host. Far fewer than `max_domains`. */
export const labs: readonly string[] = [
  'usegalaxy.org.au',
  'genome.usegalaxy.org.au',
  'proteomics.usegalaxy.org.au',
  'galaxy.example.edu',
  'singlecell.usegalaxy.org.au',
  'microbiology.usegalaxy.org.au',
  'earth-system.usegalaxy.org.au',
  'dev.singlecell.usegalaxy.org.au',
  'training.galaxy.example.edu',
]

const listed = new Set(labs.slice(0, 4))

const strange: readonly RefererCase[] = [
  ['-', 'unknown', 'unknown'],
  ['', 'unknown', 'unknown'],
  ['no address at all', 'unknown', 'unknown'],
  ['about:blank', 'unknown', 'unknown'],
  ['https://', 'unknown', 'unknown'],
  ['/workflows/run?id=1', 'unknown', 'unknown'],
  ['\u0000\u0001\u007f', 'unknown', 'unknown'],
  ['https://www.example.com/search?q=https://genome.usegalaxy.org.au/', 'other', 'other'],
  ['https://genome.usegalaxy.org.au@evil.example.com/', 'other', 'other'],
  ['https://genome.usegalaxy.org.au:443@evil.example.com/', 'other', 'other'],
  ['https://usegalaxy.org.au.evil.example.com/', 'other', 'other'],
  ['https://notusegalaxy.org.au/', 'other', 'other'],
  ['https://evil.example.com/genome.usegalaxy.org.au/', 'other', 'other'],
  ['https://evil.example.com?genome.usegalaxy.org.au', 'other', 'other'],
  ['https://evil.example.com#@genome.usegalaxy.org.au', 'other', 'other'],
  ['http://192.0.2.80:8080/', 'other', 'other'],
  ['http://[2001:db8::1]/', 'other', 'other'],
  ['https://xn--bcher-kva.example/', 'other', 'other'],
  ['https://org.au/', 'other', 'other'],
  ['https://user:secret@genome.usegalaxy.org.au/workflows', 'genome.usegalaxy.org.au', 'genome.usegalaxy.org.au'],
  ['https://evil.example.com@genome.usegalaxy.org.au/', 'genome.usegalaxy.org.au', 'genome.usegalaxy.org.au'],
  ['https://usegalaxy.org.au/" POST /api/workflows/', 'usegalaxy.org.au', 'usegalaxy.org.au'],
  ['https://usegalaxy.org.au/?next=https://evil.example.com', 'usegalaxy.org.au', 'usegalaxy.org.au'],
  ['https://usegalaxy.org.au#fragment', 'usegalaxy.org.au', 'usegalaxy.org.au'],
  ['https://usegalaxy.org.au', 'usegalaxy.org.au', 'usegalaxy.org.au'],
].map(([referer, domain, refusedDomain]) => ({ referer, domain, refusedDomain }) as RefererCase)

const pages = ['/', '/workflows/run?id=', '/workflows/list', '/?tool_id=x', '', '/published/workflow?id=é&x="y"']

function atHome(lab: string, spelling: string, page: string): RefererCase {
  return { referer: `${spelling}${page}`, domain: lab, refusedDomain: listed.has(lab) ? lab : 'other' }
}

/** A Referer as browsers send it from a lab, now and then with `www.`, a port or capital letters. */
export function refererOf(lab: string, random: Random): RefererCase {
  const spelling = random.weighted([
    [`https://${lab}`, 80],
    [`https://www.${lab}`, 5],
    [`http://${lab}`, 5],
    [`https://${lab}:8443`, 4],
    [`https://${lab.toUpperCase()}`, 3],
    [`HTTPS://WWW.${lab}:443`, 3],
  ])
  return atHome(lab, spelling, random.pick(pages))
}

/** Any Referer: mostly a lab's, sometimes somebody else's or none. */
export function anyReferer(random: Random): RefererCase {
  return random.chance(0.75) ? refererOf(random.pick(labs), random) : random.pick(strange)
}

/** Every strange one, then one of each lab in each spelling. */
export function allReferers(random: Random): RefererCase[] {
  return [...strange, ...labs.flatMap((lab) => Array.from({ length: 40 }, () => refererOf(lab, random)))]
}
