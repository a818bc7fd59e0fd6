// Whatever strangers call things, a point is one line of line protocol, and InfluxDB has it as it was meant.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { fieldText, type Point, tagValue } from '../../src/pipeline/entry.ts'
import { maySwallowNext, toLineProtocol } from '../../src/sinks/line_protocol.ts'
import { startInfluxdb } from '../services/influxdb.ts'
import { type JudgedPoint, judgeLine } from './line_protocol_judge.ts'
import { holds, holdsLater, hostileText } from './property.ts'

const pieces = ['\\', '\\\\', ',', '=', ' ', '"', "'", '\n', '\r', '\t', '\0', '\u007f', '\u0085', '\u2028', '🧬', '#']
const text = fc.oneof(
  hostileText([...pieces, 'a', '\\,', '\\ ', '\\=', '\\"', 'i', '1i', 't', 'workflow_invocation,domain=x count=1 1']),
  fc.tuple(hostileText(pieces), fc.integer({ min: 200, max: 2000 })).map(([end, count]) => 'n'.repeat(count) + end),
)
/** As the program makes them: what is left of a tag may be nothing, and is then no tag. */
const point: fc.Arbitrary<Point> = fc.record({
  measurement: fc.constantFrom('workflow_invocation', 'workflow_invocation_rejected'),
  tags: fc
    .dictionary(fc.constantFrom('domain', 'workflow_name', 'canonical_id', 'trs_server'), text.map(tagValue))
    .map((tags) => Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''))),
  fields: fc.record({
    count: fc.constant(1),
    derived: fc.boolean(),
    invocation_id: fc.bigInt({ min: 0n, max: 2n ** 31n - 1n }),
    trs_version_id: text.map(fieldText),
  }),
  timeNs: fc.bigInt({ min: 0n, max: 9_223_372_035_999_999_999n }),
})

/** As it goes over the wire: half a character becomes U+FFFD. */
const sent = (line: string) => Buffer.from(line).toString('utf8')
const wellFormed = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value.toWellFormed() : value]),
  )

t.test('a text made fit to be a tag or a field', async () => {
  holds([text], (value) => {
    const [tag, field] = [tagValue(value), fieldText(value)]
    const isFit = !/\p{Cc}/u.test(tag + field) && !tag.endsWith('\\')
    return isFit && [...tag].length <= 256 && [...field].length <= 1000 && tagValue(tag) === tag
  })
})

t.test('every point is one line, and reads as it was meant', async () => {
  holds([point], (made) => {
    const judged = judgeLine(sent(toLineProtocol(made)))
    return isDeepStrictEqual(judged, { ...made, tags: wellFormed(made.tags), fields: wellFormed(made.fields) })
  })
})

t.test('the judge refuses what is doubtful', async (t) => {
  const refused = [
    '',
    '# a comment',
    'm',
    'm,a=b',
    'm f=1',
    'm f=1 ',
    'm f=1 x',
    'm  f=1 1',
    'm f=1  1',
    'm f=1 1 ',
    ' m f=1 1',
    'm, f=1 1',
    'm,a f=1 1',
    'm,a= f=1 1',
    'm,=b f=1 1',
    'm,a=b,,c=d f=1 1',
    'm,a=b\\ f=1 1',
    'm,a=b\\,c=d f=1 1',
    'm,a=b\\\\ f=1 1',
    'm,a=b=c f=1 1',
    'm,a=b c f=1 1',
    'm,a=b,a=c f=1 1',
    'm,a=x\ny f=1 1',
    'm f= 1',
    'm f=1i2 1',
    'm f=NaN 1',
    'm f=9223372036854775808i 1',
    'm f="x 1',
    'm f="x\\" 1',
    'm f=x 1',
    'm f=1,f=2 1',
    'm f=1 9223372036854775807',
    `m,a=${'x'.repeat(70_000)} f=1 1`,
  ]
  for (const line of refused) t.throws(() => judgeLine(line), line)
  t.same(judgeLine('m\\ \\,x,a\\==b\\ \\,\\=\\c f="\\"\\\\n",g=-1i,h=T,i=.5e3 -7'), {
    measurement: 'm ,x',
    tags: { 'a=': 'b ,=\\c' },
    fields: { f: '"\\n', g: -1n, h: true, i: 500 },
    timeNs: -7n,
  })
})

t.test('the judge against InfluxDB', async (t) => {
  await using influxdb = await startInfluxdb()
  await influxdb.createDatabase('points')
  /** What InfluxDB has of a line; `null` where it takes it not, or not as one point. */
  const taken = async (line: string): Promise<JudgedPoint | null> => {
    await influxdb.query('points', 'DROP MEASUREMENT "m"')
    await influxdb.query('points', 'DROP MEASUREMENT "n"')
    try {
      await influxdb.write('points', line)
    } catch {
      return null
    }
    const found = (await influxdb.pointsOf('points', 'm')).map(({ tags, fields, time }) => ({
      measurement: 'm',
      tags,
      fields: fields as JudgedPoint['fields'],
      timeNs: time,
    }))
    return found.length === 1 ? found[0]! : null
  }
  const part = hostileText(['\\', ',', '=', ' ', '"', 'a', 'b', '1', '\n', '\t', '\\,', '\\=', '\\ ', 'é'], 6)
  const line = fc
    .tuple(part, part, fc.constantFrom('1', '1i', 't', 'x', '"', '', 'NaN', '1.5e2', '9223372036854775808i'), part)
    .chain(([key, value, number, field]) =>
      fc.constantFrom(
        `m,a=${value} f=1 1`,
        `m,k${key}=v f=1 1`,
        `m,a=${value},b=c f=1 1`,
        `m f="${field}" 1`,
        `m f="${field}",g=${number} 1`,
        `m f=${number} 1`,
        `m,a=v f=1${key} 1`,
        `m f=1 1${key}`,
      ),
    )
    .map(sent)

  await t.test('what the judge takes, InfluxDB takes, and for the same', async (t) => {
    let judged = 0
    await holdsLater(
      [line],
      async (text) => {
        let wanted: JudgedPoint
        try {
          wanted = judgeLine(text)
        } catch {
          return undefined
        }
        judged++
        const found = await taken(text)
        const fields = Object.entries(wanted.fields).map(([key, value]) => [
          key,
          typeof value === 'bigint' ? Number(value) : value,
        ])
        return isDeepStrictEqual(found, { ...wanted, fields: Object.fromEntries(fields) })
      },
      300,
    )
    t.ok(judged > 30, `${judged} lines`)
  })

  await t.test('points of the program, all in one request but for those that would swallow the next', async (t) => {
    const lines: string[] = []
    holds(
      [point],
      (made) => {
        // Each at an instant of its own, so that none takes another's place.
        lines.push(toLineProtocol({ ...made, measurement: 'p', timeNs: BigInt(lines.length) }))
        return undefined
      },
      300,
    )
    const alone = lines.filter(maySwallowNext)
    t.ok(alone.length < lines.length / 2, `${alone.length} of ${lines.length} alone`)
    await influxdb.write('points', lines.filter((line) => !maySwallowNext(line)).join('\n'))
    for (const line of alone) await influxdb.write('points', line)
    const found = await influxdb.pointsOf('points', 'p')
    t.equal(found.length, lines.length)
    const different = found.filter(({ tags, fields, time }, index) => {
      const wanted = judgeLine(sent(lines[index]!))
      const numbers = { ...wanted.fields, invocation_id: Number(wanted.fields['invocation_id']) }
      return !isDeepStrictEqual([tags, fields, time], [wanted.tags, numbers, wanted.timeNs])
    })
    t.same(different, [])
  })

  await t.test('a name that makes InfluxDB take two lines for one', async (t) => {
    const workflowName = tagValue('C:\\ and D:\\="data')
    const line = toLineProtocol({
      measurement: 'q',
      tags: { workflow_name: workflowName },
      fields: { count: 1 },
      timeNs: 1n,
    })
    t.ok(maySwallowNext(line))
    await t.rejects(influxdb.write('points', `${line}\nq count=1 2`), /unable to parse/, 'as InfluxDB does today')
    await influxdb.write('points', line)
    t.equal((await influxdb.pointsOf('points', 'q')).at(-1)?.tags['workflow_name'], workflowName)
  })
})
