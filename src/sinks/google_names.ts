import { createHash } from 'node:crypto'

/** What may not be a name, and how long one may be. */
export interface NameRules {
  mostCharacters: number
  reserved: ReadonlySet<string>
}

/** Names of a list on which several stand on one line. */
const names = (text: string) => new Set(text.trim().split(/\s+/))

/**
 * Reserved names: those of support.google.com/analytics/answer/13316687 for web and for mobile streams, and of the
 * Measurement Protocol's own reference. More than a web stream needs, because neither list claims to be complete.
 */
export const eventNames: NameRules = {
  mostCharacters: 40,
  reserved: names(`
    ad_activeview ad_click ad_exposure ad_impression ad_query ad_reward adunit_exposure app_background app_clear_data
    app_exception app_install app_remove app_store_refund app_store_subscription_cancel app_store_subscription_convert
    app_store_subscription_renew app_update app_upgrade click dynamic_link_app_open dynamic_link_app_update
    dynamic_link_first_open error file_download first_open first_visit form_start form_submit in_app_purchase
    notification_dismiss notification_foreground notification_open notification_receive notification_send os_update
    page_view screen_view scroll session_start session_start_with_rollout user_engagement video_complete video_progress
    video_start view_complete view_search_results
  `),
}

/** With those that mean something to Google in events of a shop, and those that are ours. */
export const parameterNames: NameRules = {
  mostCharacters: 40,
  reserved: names(`
    engagement_time_msec gclid session_id session_number firebase_conversion
    items value currency transaction_id
    event_id source occurred_at sent_again
  `),
}

export const userPropertyNames: NameRules = {
  mostCharacters: 24,
  reserved: names('first_open_time first_visit_time last_deep_link_referrer user_id first_open_after_install'),
}

const reservedBeginning = /^(?:_|firebase_|ga_|google_|gtag)/i
const substitute = 'event_'
const hashCharacters = 8

/**
 * The name under which Google takes something: letters, digits and underscores, a letter first, none that is reserved
 * (those get `event_` before them), and where it had to be cut, the beginning of its hash so that it stays its own.
 */
export function googleName(text: string, rules: NameRules): string {
  let name = text.slice(0, rules.mostCharacters + 1).replace(/[^A-Za-z0-9_]/g, '_')
  const isReserved = reservedBeginning.test(name) || rules.reserved.has(name.toLowerCase())
  if (isReserved || !/^[A-Za-z]/.test(name)) name = `${substitute}${name}`
  const isCut = name.length > rules.mostCharacters || text.length > rules.mostCharacters
  return isCut ? hashed(name, text, rules) : name
}

/** Another name for the same, where the first one is taken. */
export function hashed(name: string, text: string, { mostCharacters }: NameRules): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, hashCharacters)
  return `${name.slice(0, mostCharacters - hashCharacters - 1)}_${hash}`
}
