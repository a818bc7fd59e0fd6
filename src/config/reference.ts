import * as z from 'zod'
import { wholeSchema } from './schema.ts'

interface Node {
  type?: string | string[]
  description?: string
  default?: unknown
  examples?: unknown[]
  enum?: unknown[]
  items?: Node
  anyOf?: Node[]
  properties?: Record<string, Node>
  additionalProperties?: Node | boolean
  oneOf?: Node[]
  const?: unknown
}

/** The JSON Schema of the configuration, with which editors complete and check it. */
export async function jsonSchema(): Promise<object> {
  return {
    ...z.toJSONSchema(await wholeSchema(), { io: 'input', unrepresentable: 'any' }),
    title: 'Configuration of workflow-reporting',
  }
}

/** The page that explains every key, made from the schema itself so that it cannot differ from it. */
export async function configurationPage(): Promise<string> {
  const { properties = {} } = (await jsonSchema()) as Node
  const sections = Object.entries(properties).filter(([, node]) => node.properties !== undefined)
  const single = Object.entries(properties).filter(([, node]) => node.properties === undefined)
  const parts = sections.map(([name, node]) => {
    const title = `## \`${name}\`\n\n${node.description}\n\n`
    return (
      title +
      Object.entries(node.properties ?? {})
        .flatMap(([key, child]) => entries(`${name}.${key}`, child))
        .join('\n')
    )
  })
  return `${opening}\n${single.map(([name, node]) => entry(name, node)).join('\n')}\n\n${parts.join('\n\n')}\n`
}

const opening = `# Configuration

<!-- Made by \`npm run docs\` from src/config/schema.ts; a test fails when it is stale. -->

A YAML file, \`config.yml\` beside the program unless \`--config\` names another. Relative paths are relative to it. An
unknown key is an error; all mistakes are told at once, each with its line and what to do, and exit status 2.
\`workflow-reporting check --offline\` tries a file without opening anything that it names.

For completion in an editor, put this on the first line:

\`\`\`yaml
# yaml-language-server: $schema=https://example.org/path/to/configuration.schema.json
\`\`\`

with the address or path of [configuration.schema.json](configuration.schema.json).

## At the top
`

/** A key, and below it those of the section that it may be. */
function entries(name: string, node: Node, depth = 0): string[] {
  const named = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined
  const sections = [node, ...(node.anyOf ?? [])].filter(({ properties }) => properties !== undefined)
  return [
    '  '.repeat(depth) + entry(name, node),
    ...sections.flatMap((section) => below(name, section, depth + 1)),
    ...(named?.oneOf ?? []).flatMap((kind) => {
      const { kind: tag, ...properties } = kind.properties ?? {}
      const place = `${name}.NAME`
      const title = `${'  '.repeat(depth + 1)}- **\`${place}.kind: ${tag?.const}\`**: ${kind.description ?? ''}`
      return [title, ...below(place, { properties }, depth + 2)]
    }),
  ]
}

function below(name: string, { properties = {} }: Node, depth: number): string[] {
  return Object.entries(properties)
    .filter(([, { description }]) => description !== undefined)
    .flatMap(([key, child]) => entries(`${name}.${key}`, child, depth))
}

function entry(name: string, node: Node): string {
  const facts = [kindOf(node)]
  if (node.default !== undefined && node.default !== null) facts.push(`default \`${show(node.default)}\``)
  else if (node.default === undefined && node.properties === undefined) facts.push('no default')
  if (node.examples !== undefined) facts.push(...node.examples.map((example) => `for example \`${show(example)}\``))
  return `- **\`${name}\`** (${facts.join(', ')}): ${node.description ?? ''}`
}

function kindOf(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(' or ')
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(kindOf))].join(' or ')
  if (node.type === 'array') return `list of ${kindOf(node.items ?? {})}s`
  const names: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
    object: 'section',
    null: 'null',
  }
  return [node.type ?? 'value']
    .flat()
    .map((type) => names[type] ?? type)
    .join(' or ')
}

function show(value: unknown): string {
  return typeof value === 'string' ? value || "''" : JSON.stringify(value)
}
