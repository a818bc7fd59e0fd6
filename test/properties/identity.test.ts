// Ids, origins and hosts, of whatever strangers put there.
import fc from 'fast-check'
import t from 'tap'
import { Misconfigured } from '../../src/base/errors.ts'
import { parseWhen } from '../../src/commands/when.ts'
import { readMetadata, registryNames } from '../../src/galaxy/identity.ts'
import { idCodec } from '../../src/galaxy/ids.ts'
import { meaningOf } from '../../src/galaxy/meaning.ts'
import { domainOf, normalizeHost, siteHost } from '../../src/galaxy/site.ts'
import { decodeId, encodeId, encodeText } from '../world/encoded_id.ts'
import { holds, hostileText } from './property.ts'

const secret = fc.string({ unit: 'binary' }).filter((text) => {
  const byteCount = Buffer.byteLength(text)
  return text.isWellFormed() && byteCount >= 4 && byteCount <= 56
})

t.test('every id comes back from its encoded text, with digits in either case', async () => {
  holds([secret, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })], (text, id) => {
    const codec = idCodec(text)
    const encoded = codec.encode(id)
    return encoded === encodeId(text, id) && codec.decode(encoded) === id && codec.decode(encoded.toUpperCase()) === id
  })
})

t.test('a text that Galaxy did not give out is no id', async () => {
  const codec = idCodec('a secret')
  const forged = fc.oneof(
    hostileText(['0123456789abcdef', 'ABCDEF0123456789', ' ', '!', '\0'], 5),
    fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 16, maxLength: 64 }).map((digits) => digits.join('')),
    hostileText(['!', '-', '0', '1', ' ', '.', '+', '_'], 12).map((text) => encodeText('a secret', text)),
    fc.nat().map((id) => encodeId('another secret', id)),
  )
  holds([forged], (text) => {
    const id = codec.decode(text)
    const meaning = meaningOf({ id: text, instance: false }, codec)
    if (id === null) {
      // Digits with zeros before them decode, yet Galaxy never wrote them.
      const found = decodeId('a secret', text)
      const isGivenOut = found !== undefined && encodeId('a secret', found) === text.toLowerCase()
      return meaning.kind === 'none' && (!isGivenOut || text.length > 48)
    }
    return id >= 0n && codec.encode(id) === text.toLowerCase() && meaning.kind === 'number' && meaning.id >= 0
  })
})

const names = registryNames({})
const address = hostileText(
  [
    'https://',
    'user:SECRET@',
    'example.org',
    ':8443',
    '/a b',
    '?token=SECRET',
    '#',
    '%',
    '%zz',
    '[',
    '\\',
    '/ga4gh/trs/v2/tools/',
    '/versions/',
    'ftp://',
    'javascript:',
  ],
  9,
)
const value = fc.oneof(address, fc.jsonValue(), fc.constantFrom('', 'dockstore', 'workflowhub.eu', null, 7))

t.test('whatever stands in source_metadata, it tells an origin or none', async () => {
  const told = fc.dictionary(
    fc.constantFrom('trs_server', 'trs_tool_id', 'trs_version_id', 'trs_url', 'url', '__proto__', 'x'),
    value,
  )
  const bytes = fc.oneof(
    told.map((it) => Buffer.from(JSON.stringify(it))),
    fc.uint8Array(),
    fc.json().map((it) => Buffer.from(it)),
  )
  holds([bytes], (metadata) => {
    const { origin, broken } = readMetadata(metadata, names)
    if (origin === null) return true
    if (broken) return false
    if (origin.kind === 'trs') return origin.registry !== '' && origin.toolId !== '' && origin.versionId !== ''
    const url = new URL(origin.address)
    return /^(https?|ftp):$/.test(url.protocol) && url.username + url.password === '' && !/[?#]/.test(origin.address)
  })
})

t.test('an address keeps neither user nor query', async () => {
  holds([fc.webUrl(), fc.stringMatching(/^[a-z]{1,9}$/)], (url, password) => {
    const secretUrl = `${url.replace('://', `://user:MARK${password}@`)}?token=MARK${password}#MARK`
    const { origin } = readMetadata(Buffer.from(JSON.stringify({ url: secretUrl })), names)
    return origin?.kind === 'url' && !origin.address.includes('MARK')
  })
})

t.test('the id and version of a TRS address, whatever their letters', async () => {
  const id = hostileText(['#workflow/github.com/', '/', ' ', '%', '?', '&', 'ü'], 5).filter(
    (text) => text.isWellFormed() && text !== '',
  )
  holds([id, id, fc.constantFrom('', '/', '/GALAXY/descriptor', '?token=x')], (toolId, versionId, end) => {
    const url = `https://dockstore.org/api/ga4gh/trs/v2/tools/${encodeURIComponent(toolId)}/versions/${encodeURIComponent(versionId)}${end}`
    const { origin } = readMetadata(Buffer.from(JSON.stringify({ url })), names)
    return (
      origin?.kind === 'trs' &&
      origin.registry === 'dockstore' &&
      origin.toolId === toolId &&
      origin.versionId === versionId
    )
  })
})

t.test('a host is one as a tag shows it, or none; and only what is listed lends its name', async () => {
  const host = hostileText(
    ['usegalaxy.org.au', 'www.', 'GENOME.', '.', ':', '8080', '[2001:db8::1]', '@', '/', '-', '_', 'xn--', 'é'],
    6,
  )
  const settings = { domains: ['usegalaxy.org.au'], maxDomains: 1 }
  holds([host, host, fc.boolean()], (text, end, isKept) => {
    const normal = normalizeHost(text)
    const isFit = normal === null || (normal.length <= 255 && /^[a-z0-9_.:[\]-]+$/.test(normal))
    const site = siteHost(text, `https://${text}${end}`)
    const domain = domainOf(site, settings, () => isKept)
    const isBounded =
      ['unknown', 'other', 'usegalaxy.org.au'].includes(domain) || (isKept && domain.endsWith('.usegalaxy.org.au'))
    return isFit && isBounded
  })
})

t.test('an instant as --since takes it, or a refusal', async () => {
  holds([fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })], (date) => {
    return parseWhen(date.toISOString(), 'since') === date.getTime()
  })
  holds([hostileText(['2026', '-', '06', '31', 'T', ':', '24', '+', 'Z', ' ', '.5', '0000', '99'], 12)], (text) => {
    try {
      return Number.isFinite(parseWhen(text, 'since'))
    } catch (error) {
      return error instanceof Misconfigured
    }
  })
})
