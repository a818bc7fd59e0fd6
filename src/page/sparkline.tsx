interface Properties {
  counts: number[]
  description: string
}

const [width, height] = [96, 24]

/** A small curve without axes: is it used more of late, or less? */
export function Sparkline({ counts, description }: Properties) {
  const most = Math.max(1, ...counts)
  const step = counts.length > 1 ? width / (counts.length - 1) : width
  const points = counts.map(
    (count, index) => `${round(index * step)},${round(height - 1 - (count / most) * (height - 3))}`,
  )
  const line = points.length === 1 ? `${points[0]} ${width},${points[0]?.split(',')[1]}` : points.join(' ')
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={description}
    >
      <polygon points={`0,${height} ${line} ${width},${height}`} />
      <polyline points={line} vector-effect="non-scaling-stroke" />
    </svg>
  )
}

const round = (value: number) => Math.round(value * 10) / 10
