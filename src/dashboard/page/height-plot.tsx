/** The heights of the nodes of a resource since the page was opened, or how far each is behind. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { ResourceView } from '../wire.ts';
import { fleet, history } from './stream.ts';
import { formatNumber, formatPace } from './words.ts';

const HEIGHT = 190;
/** Told apart in light and dark, also by who sees colours otherwise; further nodes have no line. */
const COLORS = ['#3b76e1', '#d9822b', '#1f9d6b', '#a855c7', '#d1477a', '#7d8b24', '#1699b5', '#8a6d5b'];

/** Of a node by its place in the resource; undefined where it has no line. */
export function colorOfLine(index: number): string | undefined {
  return COLORS[index];
}

type Measure = 'height' | 'behind';

export function HeightPlot({ resource }: { resource: ResourceView }) {
  const [measure, setMeasure] = useState<Measure>('height');
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = resource.nodes.slice(0, COLORS.length).map(({ name }) => name);
  const [isDark, setDark] = useState(dark.matches);
  const at = fleet.value.at;

  useEffect(() => {
    const follow = () => setDark(dark.matches);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    let isGone = false;
    void loadPlots().then(({ Plot }) => {
      if (isGone) return;
      plot.current = new Plot(optionsFor(names, element), dataOf(resource, names, measure), element);
      observer.observe(element);
    });
    return () => {
      isGone = true;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names.join(), measure, isDark]);

  useEffect(() => {
    plot.current?.setData(dataOf(resource, names, measure));
  }, [at]);

  const pace = history.secondsPerBlock(resource);
  return (
    <section class="card">
      <div class="card-head">
        <h3>
          {formatNumber(resource.height)}
          <small>{pace === undefined ? 'height' : formatPace(pace)}</small>
        </h3>
        <fieldset class="choice" aria-label="What is plotted">
          <button type="button" aria-pressed={measure === 'height'} onClick={() => setMeasure('height')}>
            Height
          </button>
          <button type="button" aria-pressed={measure === 'behind'} onClick={() => setMeasure('behind')}>
            Behind
          </button>
        </fieldset>
      </div>
      <div
        ref={box}
        class="plot"
        role="img"
        aria-label={`${measure === 'height' ? 'Heights' : 'Blocks behind'} of ${names.join(', ')} since the page was opened`}
      />
      {resource.nodes.length > names.length ? (
        <p class="faint">Lines of the first {names.length} nodes; all are in the table.</p>
      ) : null}
    </section>
  );
}

/** Half of all the code, and needed only here. */
const loadPlots = () => import('./plots.ts');

const dark = matchMedia('(prefers-color-scheme: dark)');

function dataOf(resource: ResourceView, names: readonly string[], measure: Measure): uPlot.AlignedData {
  const { times, heights } = history.heights(resource, names);
  if (measure === 'height') return [times, ...heights];
  const highest = times.map((_, index) => Math.max(...heights.map((list) => list[index] ?? 0)));
  return [
    times,
    ...heights.map((list) => list.map((height, index) => (height === null ? null : (highest[index] ?? 0) - height))),
  ];
}

function optionsFor(names: readonly string[], element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_, min, max) => rangeOf(min, max) } },
    axes: [
      { ...axis, size: 28, space: 70, values: (_, ticks) => ticks.map((tick) => timeFormat.format(tick * 1000)) },
      {
        ...axis,
        size: 78,
        incrs: WHOLE_STEPS,
        values: (_, ticks) => ticks.map((tick) => formatNumber(tick)),
      },
    ],
    series: [
      {},
      ...names.map((name, index) => ({
        label: name,
        stroke: COLORS[index] ?? color('--muted'),
        width: 1.6,
        points: { show: false },
      })),
    ],
  };
}

const timeFormat = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** There is no half of a block. */
const WHOLE_STEPS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** A line that does not move is in the middle. */
function rangeOf(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 10];
  const room = Math.max(2, (max - min) * 0.08);
  return [Math.max(0, Math.floor(min - room)), Math.ceil(max + room)];
}
