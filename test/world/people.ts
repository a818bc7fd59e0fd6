// Who sends the requests: with or without a name, from which address, with which program.
import type { History, User } from './galaxy_rows.ts'
import type { Random } from './random.ts'

export type Person = { history: History | null; address: string; userAgent: string | Buffer; remoteUser: string }

const userAgents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
  'python-requests/2.32.3',
  'bioblend/1.5.0',
  '-',
  '',
  'curl/8 "POST /api/workflows/0123456789abcdef/invocations HTTP/1.1" 200',
  'tab\tnewline\nquote" backslash\\ bell\u0007 ünïcödé 🧬',
]
const remoteUsers = ['someone', 'first last', 'a [b] c', 'x [01/Jan/2020:00:00:00 +0000] "POST /api/workflows/']

/** Somebody with a history of their own; few are anonymous, and few runs have lost their history. */
export function makePerson(random: Random, users: readonly User[], historyId: number): Person {
  const userId = random.chance(0.06) ? null : random.pick(users).id
  const history = random.chance(0.04) ? null : { id: historyId, userId }
  const address = random.chance(0.15) ? `2001:db8::${random.hexadecimal(4)}` : `203.0.113.${random.integer(1, 254)}`
  const userAgent = random.chance(0.01)
    ? Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28])
    : random.weighted(userAgents.map((text, index) => [text, index < 4 ? 8 : 1] as const))
  return { history, address, userAgent, remoteUser: random.chance(0.04) ? random.pick(remoteUsers) : '' }
}
