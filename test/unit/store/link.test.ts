// Where a workflow can be looked at, and what makes no link whoever wrote it.
import t from 'tap'
import { linkOf } from '../../../src/store/link.ts'
import type { Identity } from '../../../src/store/view.ts'

const rows: [canonicalId: string, identity: Identity, registry: string | null, link: string | null][] = [
  [
    'dockstore:#workflow/github.com/iwc-workflows/rnaseq-pe/main',
    'trs',
    'dockstore',
    'https://dockstore.org/workflows/github.com/iwc-workflows/rnaseq-pe/main',
  ],
  ['dockstore:#workflow/github.com/a/b', 'trs', 'dockstore', 'https://dockstore.org/workflows/github.com/a/b'],
  ['dockstore:#workflow/github.com/../../login', 'trs', 'dockstore', null],
  ['dockstore:#workflow/github.com/a/b?x="><script>', 'trs', 'dockstore', null],
  ['dockstore:quay.io/a/b', 'trs', 'dockstore', null],
  ['dockstore:#workflow/github.com/a/b', 'local', null, null],
  ['workflowhub:109', 'trs', 'workflowhub', 'https://workflowhub.eu/workflows/109'],
  ['workflowhub:109/../..', 'trs', 'workflowhub', null],
  ['dev.workflowhub.eu:109', 'trs', 'dev.workflowhub.eu', null],
  ['https://example.org/w.ga', 'url', null, 'https://example.org/w.ga'],
  ['ftp://example.org/w.ga', 'url', null, null],
  ['javascript:alert(1)', 'url', null, null],
  ['https://example.org/w.ga', 'local', null, null],
]

for (const [canonicalId, identity, registry, link] of rows)
  t.equal(linkOf({ canonicalId, identity, registry }), link, `${canonicalId} (${identity})`)
