// What a spreadsheet makes of a table that strangers had a hand in.
import t from 'tap'
import { toCsv } from '../../../src/web/csv.ts'

const rows: [unknown: string | number | boolean | null, cell: string][] = [
  ['plain', 'plain'],
  [5, '5'],
  [-5, '-5'],
  [null, ''],
  [true, 'true'],
  ['a, b', '"a, b"'],
  ['say "a"', '"say ""a"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1+1', "'\t=1+1"],
  [' =1+1', "' =1+1"],
  ['\r=1', '"\'\r=1"'],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ['a=b', 'a=b'],
]

for (const [value, cell] of rows)
  t.equal(toCsv(['first', 'second'], [{ first: 'x', second: value }]), `first,second\r\nx,${cell}\r\n`)
t.equal(toCsv(['first'], []), 'first\r\n')
