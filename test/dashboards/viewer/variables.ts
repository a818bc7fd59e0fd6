// What is chosen in a dashboard's variables, put into queries as Grafana does (`templateSrv.replace`, format `regex`).

/** By name of variable; a variable that is not there is at "All". */
export type Choice = Record<string, string[]>

export type Variable = { name: string; allValue: string; query: { query: string } }

/** `escapeRegex` of @grafana/data, which escapes the slash, too. */
const escaped = (text: string) => text.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&')

function regexOf(values: string[]): string {
  return values.length === 1 ? escaped(values[0]!) : `(${values.map(escaped).join('|')})`
}

const macros = ['timeFilter', '__interval']

/** The value for "All" is put in as it stands; macros are left to the backend. */
export function interpolated(text: string, variables: Variable[], choice: Choice): string {
  return text.replace(/\$(\w+)|\$\{(\w+)(?::(\w+))?\}/g, (whole, bare, braced, format) => {
    const variable = variables.find(({ name }) => name === (bare ?? braced))
    if (variable === undefined && macros.includes(bare)) return whole
    if (variable === undefined) throw new Error(`${whole} is neither a variable nor a macro: ${text}`)
    if (format !== 'regex') throw new Error(`${whole}: what Grafana makes of it without a format depends on its value`)
    const values = choice[variable.name]
    return values === undefined ? variable.allValue : regexOf(values)
  })
}
