// Texts of strangers made fit for line protocol.
import t from 'tap'
import { fieldText, tagValue } from '../../../src/pipeline/entry.ts'

t.test('control characters of a tag become spaces', async (t) => {
  t.equal(tagValue('a\nb\tc\r\u0000d\u007fe\u0085f'), 'a b c  d e f')
  t.equal(tagValue('plain'), 'plain')
  t.equal(tagValue(''), '')
})

t.test('no backslash stays at the end of a tag', async (t) => {
  t.equal(tagValue('a\\'), 'a')
  t.equal(tagValue('a\\\\\\'), 'a')
  t.equal(tagValue('a\\b'), 'a\\b')
  t.equal(tagValue('\\'), '')
  t.equal(tagValue(`${'a'.repeat(255)}\\${'b'.repeat(20)}`), 'a'.repeat(255), 'nor one that the cut brings there')
})

t.test('more than 256 characters of a tag are cut, and none in two', async (t) => {
  t.equal(tagValue('a'.repeat(256)), 'a'.repeat(256))
  t.equal(tagValue('a'.repeat(257)), 'a'.repeat(256))
  t.equal(tagValue('é'.repeat(300)), 'é'.repeat(256))
  t.equal(tagValue('🧬'.repeat(256)), '🧬'.repeat(256))
  t.equal(tagValue('🧬'.repeat(257)), '🧬'.repeat(256))
  t.equal(tagValue(`${'a'.repeat(255)}🧬b`), `${'a'.repeat(255)}🧬`)
})

t.test('a text field stands on one line and ends somewhere', async (t) => {
  t.equal(fieldText('a\nb'), 'a b')
  t.equal(fieldText('x'.repeat(5000)).length, 1000)
  t.ok(fieldText(`${'x'.repeat(999)}🧬`).isWellFormed(), 'no character is cut in two')
})
