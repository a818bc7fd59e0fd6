// Galaxy's own vectors, and everything that looks like an id and is none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { idCodec, secretBytes } from '../../../src/galaxy/ids.ts'
import { encodeText } from '../../world/encoded_id.ts'

type Vector = { secret: string; id: string; encoded: string }

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'id_vectors.json'), 'utf8')) as Vector[]
const secrets = [...new Set(vectors.map(({ secret }) => secret))]
const codecs = new Map(secrets.map((secret) => [secret, idCodec(secret)]))
const codecOf = (secret: string) => codecs.get(secret)!

/** The vectors of which a changed text is taken for an id all the same. */
function taken(change: (vector: Vector) => string[]): string[] {
  return vectors.flatMap((vector) =>
    change(vector).flatMap((text) => {
      const id = codecOf(vector.secret).decode(text)
      return id === null ? [] : [`${vector.id} as ${text} is ${id}`]
    }),
  )
}

t.test("Galaxy's vectors", async (t) => {
  t.ok(vectors.length > 150, 'all of them are here')
  for (const secret of secrets) {
    const own = vectors.filter((vector) => vector.secret === secret)
    const codec = codecOf(secret)
    t.same(
      own.map(({ encoded }) => String(codec.decode(encoded))),
      own.map(({ id }) => id),
      `${secret}: decoded`,
    )
    t.same(
      own.map(({ id }) => codec.encode(BigInt(id))),
      own.map(({ encoded }) => encoded),
      `${secret}: encoded`,
    )
  }
  t.same(new Set(vectors.map(({ encoded }) => encoded.length)), new Set([16, 32, 48]), 'of one, two and three blocks')
})

t.test('capitals are taken', async (t) => {
  const wrong = vectors.filter(
    ({ secret, id, encoded }) => codecOf(secret).decode(encoded.toUpperCase()) !== BigInt(id),
  )
  t.same(wrong, [])
})

t.test('a text that is cut or lengthened is no id', async (t) => {
  t.same(
    taken(({ encoded }) => [encoded.slice(0, -1), encoded.slice(1), encoded.slice(0, -2), encoded.slice(0, -8), '']),
    [],
    'cut',
  )
  // Without its last block it is the id of fewer digits, as the cipher's mode has it; without the first it is none.
  t.same(
    taken(({ encoded }) => (encoded.length > 16 ? [encoded.slice(16)] : [])),
    [],
    'a block less',
  )
  t.same(
    taken(({ encoded }) => [
      `${encoded}0`,
      `0${encoded}`,
      `${encoded}00`,
      `${encoded}${encoded.slice(0, 16)}`,
      `${'0'.repeat(16)}${encoded}`,
      `${encoded}\n`,
      ` ${encoded}`,
      `F${encoded}`,
    ]),
    [],
    'lengthened',
  )
})

t.test('one hexadecimal digit that is another one makes it no id', async (t) => {
  const flipped = ({ encoded }: Vector) =>
    [...encoded].map((digit, at) => {
      const other = ((Number.parseInt(digit, 16) + 1 + (at % 15)) % 16).toString(16)
      return encoded.slice(0, at) + other + encoded.slice(at + 1)
    })
  t.same(taken(flipped), [])
})

t.test('an id of another secret is no id', async (t) => {
  const others = vectors.flatMap(({ secret, encoded }) =>
    secrets.flatMap((other) => (other === secret ? [] : [codecOf(other).decode(encoded)])),
  )
  t.same(new Set(others), new Set([null]))
})

t.test('what is not hexadecimal is no id', async (t) => {
  t.same(
    taken(({ encoded }) => [
      `g${encoded.slice(1)}`,
      `${encoded.slice(0, -1)} `,
      `-${encoded.slice(1)}`,
      `0x${encoded.slice(2)}`,
      `${encoded.slice(0, -1)}é`,
      `${encoded.slice(0, -1)}\u0000`,
      encoded.replace(/.$/, '０'),
    ]),
    [],
  )
})

t.test('numbers that Galaxy would read but never wrote are no ids', async (t) => {
  const texts = [
    '+1',
    '-1',
    '01',
    '007',
    '1_23',
    ' 1',
    '1 ',
    '',
    '1.0',
    '1e3',
    '0x1',
    '１',
    '00',
    '!!!!!!!!1',
    '1!',
    '+',
    '--1',
  ]
  for (const secret of secrets) {
    const codec = codecOf(secret)
    t.same(
      texts.filter((text) => codec.decode(encodeText(secret, text)) !== null),
      [],
      secret,
    )
  }
  const secret = secrets[0]!
  t.equal(codecOf(secret).decode(encodeText(secret, '0')), 0n, 'a zero is written as such')
})

t.test('the bounds of a secret are those that Galaxy itself has', async (t) => {
  t.same(secretBytes, { least: 4, most: 56 })
  const codec = idCodec('é'.repeat(28))
  t.equal(codec.decode(codec.encode(12_345_678n)), 12_345_678n)
})
