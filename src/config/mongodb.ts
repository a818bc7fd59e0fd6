import { file, text, yesOrNo } from './values.ts'

/** One host or several with commas, which `URL` does not know; user and password with what means something escaped. */
const mongodbUrl =
  /^mongodb(?:\+srv)?:\/\/(?:(?:[^\s@/?#:%]|%[\dA-Fa-f]{2})+(?::(?:[^\s@/?#:%]|%[\dA-Fa-f]{2})*)?@)?[^\s@/?#]+(?:[/?][^\s@]*)?$/

/** How a MongoDB is reached and written to. */
export const mongodbKeys = {
  url: text(': an address that begins with mongodb://')
    .regex(/^mongodb(?:\+srv)?:\/\//, {
      error: 'expected an address that begins with mongodb:// or mongodb+srv://',
      abort: true,
    })
    .regex(
      mongodbUrl,
      'is no address; in a user or password some characters must be escaped: write % as %25, / as %2F, ? as %3F, # as %23, : as %3A, @ as %40',
    )
    .describe(
      'Where MongoDB is, with user and password, and what else its drivers take (`tls=true`, `replicaSet`, `authSource`). Best kept in `secrets_file`.',
    )
    .meta({ examples: ['mongodb://writer:PASSWORD@mongo-1:27017,mongo-2:27017/?replicaSet=rs0&tls=true'] }),
  database: text(': a name')
    .regex(/^[^\s/\\."$*<>:|?\0]{1,63}$/, 'expected a name that MongoDB takes for a database')
    .default('workflow_events')
    .describe('The database.'),
  collection: text(': a name')
    .regex(/^(?!system\.)[^$\0]{1,200}$/, 'expected a name that MongoDB takes for a collection')
    .default('events')
    .describe('The collection. It is made with the first event.'),
  verify_ssl: yesOrNo.default(true).describe("With TLS: whether MongoDB's certificate is verified."),
  ca_file: file
    .nullable()
    .default(null)
    .describe('The CA that signed it, where the system does not know that CA. TLS is used where it is given.'),
}
