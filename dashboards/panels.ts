// The kinds of panels that the dashboards are made of, all alike in what is not said.
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  PieChartLegendOptionsBuilder,
  PieChartLegendValues,
  PanelBuilder as PiePanel,
} from '@grafana/grafana-foundation-sdk/piechart'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { datasource } from './influxql.ts'

/** `id` is part of a panel's address and of alerts: never give a number to another panel. */
export type About = { id: number; title: string; description: string }

type Described<T> = {
  id(id: number): T
  title(title: string): T
  description(description: string): T
  datasource(ref: typeof datasource): T
}

function described<T extends Described<T>>(panel: T, { id, title, description }: About): T {
  return panel.id(id).title(title).description(description).datasource(datasource)
}

const lastValue = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false)

/** One number. */
export function stat(about: About): StatPanel {
  return described(new StatPanel(), about)
    .decimals(0)
    .noValue('0')
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .reduceOptions(lastValue())
}

/** Sums of some sixty stretches of time, none shorter than an hour, as bars on one another. */
export function bars(about: About): TimeseriesPanel {
  return lines(about)
    .interval('1h')
    .maxDataPoints(60)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
}

export function lines(about: About): TimeseriesPanel {
  return described(new TimeseriesPanel(), about)
    .min(0)
    .decimals(0)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
}

export function shares(about: About): PiePanel {
  return described(new PiePanel(), about)
    .decimals(0)
    .reduceOptions(lastValue())
    .legend(
      new PieChartLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs([])
        .values([PieChartLegendValues.Value, PieChartLegendValues.Percent]),
    )
}

/** A number for each series, the longest bar for the greatest. */
export function ranking(about: About): BarGauge {
  return described(new BarGauge(), about)
    .decimals(0)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(lastValue())
}

export function table(about: About): TablePanel {
  return described(new TablePanel(), about).showHeader(true)
}
