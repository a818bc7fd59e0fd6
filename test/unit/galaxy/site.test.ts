// The `domain` tag: which lab's site a request came from.
import t from 'tap'
import { domainOf, normalizeHost, siteHost } from '../../../src/galaxy/site.ts'

const settings = { domains: ['usegalaxy.org.au', 'genome.usegalaxy.org.au'], maxDomains: 2 }
const never = () => false
const always = () => true

t.test('a host as the tag shows it', async (t) => {
  const cases: Record<string, string | null> = {
    'usegalaxy.org.au': 'usegalaxy.org.au',
    'UseGalaxy.ORG.au': 'usegalaxy.org.au',
    'www.usegalaxy.org.au': 'usegalaxy.org.au',
    'WWW.usegalaxy.org.au:443': 'usegalaxy.org.au',
    'genome.usegalaxy.org.au:8080': 'genome.usegalaxy.org.au',
    'usegalaxy.org.au.': 'usegalaxy.org.au',
    localhost: 'localhost',
    '127.0.0.1:80': '127.0.0.1',
    '[2001:db8::1]:443': '[2001:db8::1]',
    '': null,
    _: '_',
    '-': null,
    'a b': null,
    'usegalaxy.org.au/path': null,
    'user@usegalaxy.org.au': null,
    'a..b': null,
    '.usegalaxy.org.au': null,
    'x,y': null,
    'x="y"': null,
    'a\nb': null,
    [`${'a'.repeat(250)}.org`]: null,
  }
  for (const [text, host] of Object.entries(cases)) t.equal(normalizeHost(text), host, JSON.stringify(text))
})

t.test("the server's own word goes before the Referer", async (t) => {
  const referer = 'https://proteomics.usegalaxy.org.au/workflows/run?id=1'
  t.equal(siteHost('genome.usegalaxy.org.au', referer), 'genome.usegalaxy.org.au')
  t.equal(siteHost(null, referer), 'proteomics.usegalaxy.org.au')
  t.equal(siteHost('not a host', referer), 'proteomics.usegalaxy.org.au', 'a host that is none does not tell')
  t.equal(siteHost(null, null), null)
})

t.test('the host of a Referer', async (t) => {
  const cases: Record<string, string | null> = {
    'https://www.usegalaxy.org.au:8443/x?y#z': 'usegalaxy.org.au',
    'HTTP://USEGALAXY.org.au': 'usegalaxy.org.au',
    'https://user:secret@usegalaxy.org.au/': 'usegalaxy.org.au',
    'usegalaxy.org.au': null,
    '/workflows/list': null,
    'ftp://usegalaxy.org.au/': null,
    'javascript:alert(1)': null,
    'android-app://org.example/': null,
    'https://': null,
    'https://a b/': null,
    'https://evil.org/https://usegalaxy.org.au/': 'evil.org',
    'https://evil.org#@usegalaxy.org.au/': 'evil.org',
    '': null,
  }
  for (const [referer, host] of Object.entries(cases)) t.equal(siteHost(null, referer), host, JSON.stringify(referer))
})

t.test('only hosts of the configuration keep their names', async (t) => {
  t.equal(domainOf(null, settings, always), 'unknown')
  t.equal(domainOf('usegalaxy.org.au', settings, never), 'usegalaxy.org.au')
  t.equal(domainOf('genome.usegalaxy.org.au', settings, never), 'genome.usegalaxy.org.au')
  t.equal(domainOf('evil.org', settings, always), 'other')
  t.equal(domainOf('evilusegalaxy.org.au', settings, always), 'other', 'a suffix is no subdomain')
  t.equal(domainOf('usegalaxy.org.au.evil.org', settings, always), 'other')
  t.equal(domainOf('new.usegalaxy.org.au', settings, always), 'new.usegalaxy.org.au')
  t.equal(domainOf('new.usegalaxy.org.au', settings, never), 'other')
  t.equal(domainOf('localhost', { domains: [], maxDomains: 9 }, always), 'other')
})

t.test('whether a further subdomain is kept is asked for subdomains alone', async (t) => {
  const asked: string[] = []
  const keep = (host: string) => {
    asked.push(host)
    return true
  }
  for (const host of [null, 'usegalaxy.org.au', 'genome.usegalaxy.org.au', 'evil.org', 'a.genome.usegalaxy.org.au'])
    domainOf(host, settings, keep)
  t.same(asked, ['a.genome.usegalaxy.org.au'])
})
