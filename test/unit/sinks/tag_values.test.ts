// How many values a tag may have, whoever asks and however often it is started.
import t from 'tap'
import { TagValues } from '../../../src/sinks/tag_values.ts'
import { temporaryFolder } from '../../services/temporary.ts'

t.test('the first values are kept for ever, those after them are other', async (t) => {
  await using folder = await temporaryFolder('tags')
  const path = folder.file('tags.sqlite')
  const first = new TagValues(path, 2)
  const all = ['a', 'b', 'c', 'a', 'other']
  t.same(
    all.map((value) => first.bounded('state', value)),
    ['a', 'b', 'other', 'a', 'other'],
  )
  t.equal(first.bounded('region', 'c'), 'c', 'each tag has its own')
  first.close()
  const second = new TagValues(path, 2)
  t.same(
    ['c', 'b', 'd'].map((value) => second.bounded('state', value)),
    ['other', 'b', 'other'],
  )
  second.close()
})

t.test('processes that share the file share the bound', async (t) => {
  await using folder = await temporaryFolder('tags')
  const [one, two] = [new TagValues(folder.file('t'), 2), new TagValues(folder.file('t'), 2)]
  t.equal(one.bounded('state', 'a'), 'a')
  t.equal(two.bounded('state', 'b'), 'b')
  t.equal(one.bounded('state', 'c'), 'other')
  t.equal(two.bounded('state', 'a'), 'a')
  for (const values of [one, two]) values.close()
})
