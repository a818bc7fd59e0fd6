import { instantMs, instantText } from '../base/instant.ts'
import { type Asked, type Identity, type RangeName, rangeNames } from '../store/view.ts'

/** What was asked for cannot be answered; the message names the parameter and the remedy. */
export class BadParameter extends Error {
  override name = 'BadParameter'
}

const names = ['range', 'from', 'until', 'domain', 'registry', 'identity', 'workflow'] as const
type Name = (typeof names)[number]

const identities: Identity[] = ['trs', 'url', 'local']
const valuesMax = 200
const valueMaxCharacters = 2000
const daySeconds = 86_400
const defaultRange: RangeName = '30d'
/** The numbers of a view are kept in 32 bits. */
const latestSecond = 2 ** 32 - 1

/**
 * Reads the parameters of a view. `domain`, `registry` and `identity` may be given several times.
 *
 * @param firstSecond when counting began, for `range=all`; infinite where it has not
 * @throws BadParameter
 */
export function askedOf(parameters: URLSearchParams, nowMs: number, firstSecond: number): Asked {
  for (const name of parameters.keys()) {
    if (!names.includes(name as Name)) throw new BadParameter(`${shown(name)}: unknown. Known are ${names.join(', ')}`)
  }
  const all = (name: Name) => {
    const values = parameters.getAll(name)
    if (values.length > valuesMax) throw new BadParameter(`${name}: more than ${valuesMax} values. Ask for fewer`)
    const wrong = values.find((value) => value === '' || value.length > valueMaxCharacters)
    if (wrong === '') throw new BadParameter(`${name}: is empty. Give it a value, or leave it out`)
    if (wrong !== undefined) throw new BadParameter(`${name}: is longer than ${valueMaxCharacters} characters`)
    return values
  }
  const one = (name: Name) => {
    const [value = null, ...more] = all(name)
    if (more.length > 0) throw new BadParameter(`${name}: is given more than once. Give it once`)
    return value
  }
  const [range, from, until] = [one('range'), one('from'), one('until')]
  const wrong = all('identity').find((value) => !identities.includes(value as Identity))
  if (wrong !== undefined) throw new BadParameter(`identity: ${shown(wrong)} is none. Take ${identities.join(', ')}`)
  // Points stand at whole seconds: the second that runs now is asked for, too.
  const nowSecond = Math.floor(nowMs / 1000) + 1
  return {
    ...(from === null && until === null
      ? namedSpan(range ?? defaultRange, nowSecond, firstSecond)
      : givenSpan(range, from, until, nowSecond, firstSecond)),
    domains: unique(all('domain')),
    registries: unique(all('registry')),
    identities: unique(all('identity')) as Identity[],
    workflow: one('workflow'),
  }
}

type Span = Pick<Asked, 'range' | 'from' | 'until'>

function namedSpan(range: string, until: number, firstSecond: number): Span {
  if (!rangeNames.includes(range as RangeName))
    throw new BadParameter(`range: ${shown(range)} is none. Take ${rangeNames.join(', ')}, or from and until`)
  const from = Math.max(0, beginningOf(range as RangeName, until, firstSecond))
  return { range: range as RangeName, from: instantText(from), until: instantText(until) }
}

function beginningOf(range: RangeName, until: number, firstSecond: number): number {
  const now = new Date((until - 1) * 1000)
  switch (range) {
    case 'month':
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth()) / 1000
    case 'year':
      return Date.UTC(now.getUTCFullYear(), 0) / 1000
    case 'all':
      return firstSecond < until ? firstSecond : until - daySeconds
    case '24h':
      return until - daySeconds
    default:
      return until - Number.parseInt(range, 10) * daySeconds
  }
}

function givenSpan(
  range: string | null,
  from: string | null,
  until: string | null,
  nowSecond: number,
  firstSecond: number,
): Span {
  if (range !== null) throw new BadParameter('range: is given beside from or until. Give one or the other')
  const untilSecond = until === null ? nowSecond : secondOf('until', until)
  const fromSecond = from === null ? Math.min(firstSecond, untilSecond - 1) : secondOf('from', from)
  if (fromSecond >= untilSecond) throw new BadParameter('until: is not after from. Give a later one')
  return { range: null, from: instantText(fromSecond), until: instantText(untilSecond) }
}

/** Rounded up: a point of a second is at or after the instant that begins in it. */
function secondOf(name: 'from' | 'until', text: string): number {
  const timeMs = instantMs(text)
  const second = timeMs === null ? -1 : Math.ceil(timeMs / 1000)
  if (second >= 0 && second <= latestSecond) return second
  throw new BadParameter(
    `${name}: ${shown(text)} is no date or instant since 1970. Write 2026-06-25 or 2026-06-25T10:00:00Z`,
  )
}

function unique(values: string[]): string[] {
  return [...new Set(values)]
}

/** A stranger's text in a message: short, and on one line. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
