import blowfish from 'blowfish-node'

// Its types say that the class is a property; it is the module itself.
const Blowfish = blowfish as unknown as typeof blowfish.default

/**
 * Galaxy's encoded ids (galaxyproject/galaxy, lib/galaxy/security/idencoding.py): the decimal text of the id,
 * left-padded with 1 to 8 `!` to whole blocks of eight, Blowfish in ECB mode under the bytes of `id_secret`, as hex.
 */
export interface IdCodec {
  /** The number behind an encoded id, or `null` where the text is none of this secret's. Upper-case hex is taken. */
  decode(encoded: string): bigint | null
  encode(id: bigint): string
}

const blockHexDigits = 16
/** Of three blocks: 19 digits are the most that a 64-bit id has. */
const encodedMaxHexDigits = 3 * blockHexDigits
const hex = /^[0-9a-f]+$/
const padded = /^!{1,8}(0|[1-9][0-9]*)$/

/** Least and most bytes of a secret; a longer one stops Galaxy itself. */
export const secretBytes = { least: 4, most: 56 }

export function idCodec(secret: string): IdCodec {
  const cipher = new Blowfish(Buffer.from(secret, 'utf8'), Blowfish.MODE.ECB, Blowfish.PADDING.NULL)

  const encode = (id: bigint): string => {
    const digits = id.toString()
    return Buffer.from(cipher.encode('!'.repeat(8 - (digits.length % 8)) + digits)).toString('hex')
  }

  const decode = (encoded: string): bigint | null => {
    const text = encoded.toLowerCase()
    if (text.length % blockHexDigits !== 0 || text.length > encodedMaxHexDigits || !hex.test(text)) return null
    const plain = Buffer.from(cipher.decode(Buffer.from(text, 'hex'), Blowfish.TYPE.UINT8_ARRAY)).toString('latin1')
    const digits = padded.exec(plain)?.[1]
    if (digits === undefined) return null
    const id = BigInt(digits)
    // Galaxy's own int() is lenient; what does not encode to the same text is not an id that it handed out.
    return encode(id) === text ? id : null
  }

  return { encode, decode }
}
