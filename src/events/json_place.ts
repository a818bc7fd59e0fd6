/** Where in a text, from 1. */
export interface Place {
  line: number
  column: number
}

type Expected = 'value' | 'first value' | 'name' | 'first name' | 'colon' | 'comma or end'

const word =
  /[ \t\r\n]*(?:([{}[\],:])|("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)))/y

/**
 * Where a text that JSON.parse refuses stops being JSON: the beginning of the first word that cannot stand there, or the
 * end. JSON.parse's own messages name a place for some mistakes only.
 */
export function placeOfMistake(text: string): Place {
  const open: string[] = []
  let expected: Expected | null = 'value'
  let offset = 0
  for (;;) {
    word.lastIndex = offset
    const [all, mark, quoted] = word.exec(text) ?? []
    if (all === undefined) break
    expected = afterWord(expected, open, mark ?? (quoted === undefined ? 'plain' : 'quoted'))
    if (expected === null) break
    offset += all.length
  }
  const at = offset + /^[ \t\r\n]*/.exec(text.slice(offset))![0].length
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

/** What may come behind a word; `null`: it may not stand there. */
function afterWord(expected: Expected, open: string[], found: string): Expected | null {
  const isValuePlace = expected === 'value' || expected === 'first value'
  switch (found) {
    case '{':
    case '[':
      open.push(found)
      if (!isValuePlace) return null
      return found === '{' ? 'first name' : 'first value'
    case '}':
    case ']': {
      const isEmpty = expected === (found === '}' ? 'first name' : 'first value')
      if (open.pop() !== (found === '}' ? '{' : '[')) return null
      return isEmpty || expected === 'comma or end' ? 'comma or end' : null
    }
    case ',':
      if (expected !== 'comma or end' || open.length === 0) return null
      return open.at(-1) === '{' ? 'name' : 'value'
    case ':':
      return expected === 'colon' ? 'value' : null
    case 'quoted':
      if (expected === 'name' || expected === 'first name') return 'colon'
      return isValuePlace ? 'comma or end' : null
    default:
      return isValuePlace ? 'comma or end' : null
  }
}
