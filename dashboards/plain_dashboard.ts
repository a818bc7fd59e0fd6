// What every dashboard of ours has in common, and how it is written down.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type Dashboard,
  type DashboardBuilder,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard'

const tag = 'workflow-reporting'

/** Grafana 11.0's. A newer Grafana brings a dashboard up to its own; an older version's is never brought down. */
const schemaVersion = 39

export function otherDashboards(): Builder<DashboardLink> {
  const link = new DashboardLinkBuilder('Workflow reporting')
    .type(DashboardLinkType.Dashboards)
    .tags([tag])
    .keepTime(true)
  // The SDK hides every link in a menu that Grafana 11 does not have.
  const { placement: _, ...shown } = link.build()
  return { build: () => shown }
}

/** Each panel has its place already. */
export function toInstall(dashboard: DashboardBuilder, panels: Builder<Panel>[]): Dashboard {
  for (const panel of panels) dashboard.withPanel(panel)
  return { ...dashboard.tags([tag]).timezone('browser').refresh('').readonly().build(), schemaVersion }
}
