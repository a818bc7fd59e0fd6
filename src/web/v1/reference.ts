import { html } from 'hono/html'
import { knownTypes } from '../../events/known_types.ts'
import type { Document } from './openapi.ts'
import type { Operation } from './operation.ts'

/** A page that tells people what the API is; it needs no script. */
export function referencePage({ info, paths, components }: Document) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationPart(path, method, operation)),
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      html`<section id="${name}"><h3>${name}</h3><p>${marked(String(schema['description'] ?? ''))}</p>${fieldsOf(schema)}
        <details><summary>JSON Schema</summary><pre>${JSON.stringify(schema, null, 2)}</pre></details></section>`,
  )
  const types = knownTypes.map((name) => html`<li><a href="schemas/${name}">${name}</a></li>`)
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${info.title}: the API</title>
<link rel="stylesheet" href="reference.css"></head>
<body><main>
<h1>${info.title}</h1><p>${info.description}</p>
<p>Requests carry a key as <code>Authorization: Bearer KEY</code>; <code>workflow-reporting key create</code> makes one.
For programs: <a href="openapi.json">openapi.json</a>.</p>
<h2>Requests</h2>${operations}
<h2>Forms</h2>${schemas}
<h2>Known types</h2><p>The payload of these is looked at. Any other type is taken as it is.</p><ul>${types}</ul>
</main></body></html>`
}

function operationPart(path: string, method: string, { summary, description, requestBody, responses }: Operation) {
  const bodies = Object.keys(requestBody?.content ?? {}).map((type) => html`<li><code>${type}</code></li>`)
  const statuses = Object.entries(responses).map(
    ([status, response]) => html`<tr><th scope="row">${status}</th><td>${marked(response.description)}</td></tr>`,
  )
  return html`<section><h3><code>${method.toUpperCase()} ${path}</code> ${summary}</h3><p>${marked(description)}</p>
    ${bodies.length > 0 ? html`<p>A body of one of these types:</p><ul>${bodies}</ul>` : ''}
    <table><caption>Answers</caption><tbody>${statuses}</tbody></table></section>`
}

function fieldsOf({ properties, required }: Record<string, unknown>) {
  const needed = (required ?? []) as string[]
  const rows = Object.entries((properties ?? {}) as Record<string, { description?: string }>).map(
    ([name, { description }]) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${needed.includes(name) ? 'needed' : ''}</td>
        <td>${marked(description ?? '')}</td></tr>`,
  )
  return html`<table><tbody>${rows}</tbody></table>`
}

/** What stands between backticks is code. */
function marked(text: string) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

export const referenceCss = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; padding: 1rem }
main { max-width: 60rem; margin: 0 auto }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; font-weight: bold }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-top: 1px solid #8886 }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8886 }
section { margin: 0 0 2rem }
`
