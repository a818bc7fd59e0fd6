// From a canonical id to the page that a person can read.
import type { RegexMap } from '@grafana/grafana-foundation-sdk/dashboard'
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'

/**
 * How a canonical id is shown as its page's address; the first that fits is taken. Dockstore's ids of workflows begin
 * with `#workflow/`, and its pages with `/workflows/`; WorkflowHub's ids are numbers. Another registry's pages are not
 * known, and what has no page shows nothing.
 */
const pages: [pattern: string, page: string][] = [
  ['/^dockstore:#workflow\\/(.+)$/', 'https://dockstore.org/workflows/$1'],
  ['/^workflowhub:(\\d+)$/', 'https://workflowhub.eu/workflows/$1'],
  ['/^(https?:\\/\\/.+)$/', '$1'],
  ['/^.*$/', ''],
]

export const pageMappings: RegexMap[] = pages.map(([pattern, text], index) => ({
  type: MappingType.RegexToText,
  options: { pattern, result: { text, index } },
}))
