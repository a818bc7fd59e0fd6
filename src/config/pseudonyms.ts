import * as z from 'zod'
import { text } from './values.ts'

/** Keys of destinations that tell people apart without telling who they are. */
export const pseudonymKeys = {
  salt: text('')
    .min(16, 'must be 16 characters or more')
    .nullable()
    .default(null)
    .describe(
      'The secret from which the pseudonyms of people are made. null: one is made at the first start and kept as `pseudonym_salt` in `state_dir`. Workers on several machines need the same. Another one makes everybody somebody new.',
    ),
  names: z
    .record(z.string(), text('').min(1, 'expected a name'))
    .default({})
    .describe('Names for events, by `category.type`. Any other is named after both.')
    .meta({ examples: [{ 'user_activity.signup': 'sign_up' }] }),
}
