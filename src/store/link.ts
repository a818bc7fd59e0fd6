import type { Workflow } from './counted.ts'

/**
 * Where a workflow can be looked at; `null` where no page is known. Everything in a canonical id may have been chosen by
 * a stranger, so whatever is not plainly a page of the registry, or an http address, makes no link.
 */
export function linkOf({ canonicalId, identity, registry }: Workflow): string | null {
  if (identity === 'url') return webAddress(canonicalId)
  if (identity !== 'trs' || registry === null || !canonicalId.startsWith(`${registry}:`)) return null
  const toolId = canonicalId.slice(registry.length + 1)
  if (registry === 'dockstore') {
    // Dockstore: "#workflow/" before the path of its page.
    const path = /^#workflow\/([\w.-]+(?:\/[\w.-]+){2,})$/.exec(toolId)?.[1]
    const isPlain = path?.split('/').every((part) => !/^\.+$/.test(part)) ?? false
    return isPlain ? `https://dockstore.org/workflows/${path}` : null
  }
  if (registry === 'workflowhub') {
    return /^\d{1,10}$/.test(toolId) ? `https://workflowhub.eu/workflows/${toolId}` : null
  }
  return null
}

function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, href } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? href : null
}
