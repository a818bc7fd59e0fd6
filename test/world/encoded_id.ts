// Galaxy's encoded ids, written here a second time so that the program's own codec is not its own judge.
import blowfishModule from 'blowfish-node'

// Its types say that the class is the module's `default`; it is the module itself.
const Blowfish = blowfishModule as unknown as typeof blowfishModule.default
type Cipher = InstanceType<typeof Blowfish>

const blockLength = 8

const ciphers = new Map<string, Cipher>()

function cipher(secret: string): Cipher {
  const known = ciphers.get(secret)
  if (known) return known
  const made = new Blowfish(Buffer.from(secret), Blowfish.MODE.ECB, Blowfish.PADDING.NULL)
  ciphers.set(secret, made)
  return made
}

/** Galaxy's way from a row's number to the text in an address: 16, 32 or 48 hexadecimal digits. */
export function encodeId(secret: string, id: number | bigint): string {
  return encodeText(secret, String(id))
}

/** As `encodeId`, for any text: what Galaxy would never give out. */
export function encodeText(secret: string, text: string): string {
  const padding = '!'.repeat(blockLength - (text.length % blockLength))
  return Buffer.from(cipher(secret).encode(padding + text)).toString('hex')
}

/** The number behind an encoded id, or undefined where it is none of this server's. */
export function decodeId(secret: string, encoded: string): bigint | undefined {
  if (!/^(?:[0-9a-f]{16})+$/i.test(encoded)) return undefined
  const plain = cipher(secret).decode(Buffer.from(encoded, 'hex'), Blowfish.TYPE.UINT8_ARRAY)
  const text = Buffer.from(plain).toString('latin1').replace(/^!+/, '')
  if (!/^\d+$/.test(text)) return undefined
  return encodeText(secret, text) === encoded.toLowerCase() ? BigInt(text) : undefined
}
