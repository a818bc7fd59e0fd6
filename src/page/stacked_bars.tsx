import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  LinearScale,
  Tooltip,
} from 'chart.js'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Theme } from './theme.ts'
import { number } from './words.ts'

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip)

export interface Series {
  name: string
  /** A custom property of theme.css. */
  colour: string
  counts: number[]
}

interface Properties {
  /** One for each count, short for the axis and long for the tooltip. */
  labels: { short: string; long: string }[]
  series: Series[]
  /** What it shows, for those who can't see it. */
  description: string
  theme: Theme
}

/** Bars of several series on top of each other. */
export function StackedBars({ labels, series, description, theme }: Properties) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const chart = useRef<Chart<'bar', number[], string> | null>(null)
  const long = useRef<string[]>([])

  useLayoutEffect(() => {
    const made = new Chart(canvas.current!, configuration(long))
    chart.current = made
    return () => made.destroy()
  }, [])

  // What the chart shows is a text, so that it is drawn anew only when that text is another.
  const shown = JSON.stringify([labels, series, theme])
  const drawnIn = useRef<Theme | null>(null)
  useLayoutEffect(() => {
    const made = chart.current
    if (made === null) return
    long.current = labels.map(({ long }) => long)
    const value = paint(made)
    made.data.labels = labels.map(({ short }) => short)
    made.data.datasets = series.map(({ name, colour, counts }, index) => {
      // Chart.js moves bars from their old height to the new one where the object is the same.
      const dataset = made.data.datasets[index] ?? { label: '', data: [] }
      const backgroundColor = value(colour)
      const look = { backgroundColor, hoverBackgroundColor: backgroundColor, borderColor: value('--card') }
      return Object.assign(dataset, { label: name, data: counts, ...look })
    })
    // Colours change at once, also because paper does not wait.
    made.update(drawnIn.current === theme ? undefined : 'none')
    drawnIn.current = theme
  }, [shown])

  return (
    <div class="chart">
      <canvas ref={canvas} role="img" aria-label={description} />
    </div>
  )
}

/** Gives the axes and the tooltip the theme's colours; tells any other one by its name. */
function paint({ options }: Chart<'bar', number[], string>): (name: string) => string {
  const style = getComputedStyle(document.documentElement)
  const value = (name: string) => style.getPropertyValue(name).trim()
  const { x, y } = options.scales!
  for (const axis of [x, y]) if (axis?.ticks) axis.ticks.color = value('--text-soft')
  if (y?.grid) y.grid.color = value('--line')
  if (x?.border) x.border.color = value('--line-strong')
  const onTooltip = value('--on-tooltip')
  Object.assign(options.plugins!.tooltip!, {
    backgroundColor: value('--tooltip'),
    titleColor: onTooltip,
    bodyColor: onTooltip,
    footerColor: onTooltip,
  })
  return value
}

function configuration(long: { current: string[] }): ChartConfiguration<'bar', number[], string> {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const family = getComputedStyle(document.body).fontFamily
  const font = { family, size: 12 }
  return {
    type: 'bar',
    data: { labels: [], datasets: [] },
    options: {
      animation: calm ? false : { duration: 350, easing: 'easeOutCubic' },
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      datasets: {
        bar: {
          maxBarThickness: 44,
          categoryPercentage: 0.86,
          barPercentage: 1,
          borderRadius: 2,
          borderSkipped: false,
          borderWidth: { top: 1 },
        },
      },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          border: {},
          ticks: { font, maxRotation: 0, autoSkipPadding: 14 },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          grid: {},
          border: { display: false },
          ticks: { font, precision: 0, maxTicksLimit: 6, callback: (value) => number(Number(value)) },
        },
      },
      plugins: {
        tooltip: {
          padding: 12,
          cornerRadius: 8,
          boxPadding: 5,
          titleFont: font,
          bodyFont: font,
          footerFont: { ...font, weight: 'bold' },
          filter: ({ raw }) => Number(raw) > 0,
          itemSort: (a, b) => Number(b.raw) - Number(a.raw),
          callbacks: {
            title: ([item]) => (item === undefined ? '' : (long.current[item.dataIndex] ?? '')),
            label: ({ dataset, raw }) => `${dataset.label}: ${number(Number(raw))}`,
            footer: (items) => {
              const sum = items.reduce((sum, { raw }) => sum + Number(raw), 0)
              return items.length > 1 ? `Together: ${number(sum)}` : ''
            },
          },
        },
      },
    },
  }
}
