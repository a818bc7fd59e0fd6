// The least number for which something holds, in as few questions as there are bits.
import t from 'tap'
import { leastWhere } from '../../../src/audit/invocations.ts'

t.test('it is found wherever it lies, and nothing out of bounds is asked', async (t) => {
  for (let high = 0; high <= 20; high++)
    for (let least = 1; least <= high + 1; least++) {
      let asked = 0
      const found = await leastWhere(1, high, async (number) => {
        asked++
        if (number < 1 || number > high) t.fail(`${number} of ${high}`)
        return number >= least
      })
      if (found !== least || asked > 5) t.fail(`${found} instead of ${least} of ${high}, ${asked} questions`)
    }
  t.pass()
})

t.test('a table of all ids that there can be takes 31 questions', async (t) => {
  let asked = 0
  const holds = async (number: number) => {
    asked++
    return number >= 2_147_483_000
  }
  t.equal(await leastWhere(1, 2_147_483_647, holds), 2_147_483_000)
  t.ok(asked <= 31, `${asked}`)
})
