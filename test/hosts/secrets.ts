// The secrets of the site that a test makes up, each one unmistakable, so that it is found wherever it got to.
import { randomBytes } from 'node:crypto'

export type Secrets = {
  idSecret: string
  databasePassword: string
  influxdbAdmin: string
  influxdbWriter: string
  influxdbReader: string
}

/** Some of what makes passwords hard to carry: quotes, a dollar, a backslash. In an address they would be encoded. */
export const awkward = `'"$x\\`

export function makeSecrets(): Secrets {
  const word = () => randomBytes(12).toString('hex')
  return {
    idSecret: word(),
    databasePassword: word(),
    influxdbAdmin: word(),
    influxdbWriter: `${word()}${awkward}${word()}`,
    influxdbReader: `${word()}${awkward}${word()}`,
  }
}

/** Which of them stand in a text; also where their awkward middle was written in another way. */
export function secretsIn(text: string, secrets: Record<string, string>): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => secret.split(awkward).some((part: string) => text.includes(part)))
    .map(([name]) => name)
}
