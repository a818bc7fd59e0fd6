// A short run of `npm run fuzz`: hostile lines with a few true ones among them. FUZZ_SEED takes another seed.
import t from 'tap'
import { fuzz } from '../fuzz/fuzz.ts'

const lines = 200_000
const seed = process.env['FUZZ_SEED'] ?? 'every change'

t.test(`${lines} hostile lines, seed ${seed}: every true point, and no other`, async (t) => {
  const { violations, figures } = await fuzz({ lines, seed })
  for (const [name, value] of figures) t.comment(`${name}: ${value}`)
  t.same(violations, [])
})
