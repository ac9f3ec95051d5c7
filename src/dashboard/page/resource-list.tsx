/** All resources, one to a row, with their nodes as a row of marks. */
import { idOf, type NodeView, type ResourceView } from '../wire.ts';
import { HealthMark } from './health-mark.tsx';
import type { ResourceRow } from './rows.ts';
import { VirtualList } from './virtual-list.tsx';
import { formatNumber, spell } from './words.ts';

/** More nodes than this are counted only. */
const MAX_PIPS = 12;

export function ResourceList({ rows }: { rows: readonly ResourceRow[] }) {
  return (
    <VirtualList
      label="Resources"
      rows={rows}
      keyOf={({ resource }) => idOf(resource)}
      renderRow={(row) => <Row {...row} />}
      header={
        <div class="head resource-grid" aria-hidden="true">
          <span>Resource</span>
          <span>Phase</span>
          <span>Nodes well</span>
          <span class="number">Height</span>
          <span class="number">Behind</span>
          <span class="words">What is going on</span>
        </div>
      }
    />
  );
}

function Row({ resource, health }: ResourceRow) {
  const { kind, namespace, name, nodes, height } = resource;
  const lags = nodes.flatMap(({ lag }) => lag ?? []);
  const words = mainWords(resource);
  return (
    <span class="resource-grid">
      <span class="name">
        <HealthMark health={health} />
        <span class="title">
          <strong>{name}</strong>
          <small>
            {kind} · {namespace}
          </small>
        </span>
      </span>
      <span class="phase">{spell(resource.phase)}</span>
      <span class="nodes">{nodes.length === 0 ? <span class="faint">–</span> : <Pips nodes={nodes} />}</span>
      <Cell name="height" value={height} />
      <Cell name="lag" words="blocks behind" value={lags.length === 0 ? undefined : Math.max(...lags)} />
      <span class="words" title={words}>
        {words}
      </span>
    </span>
  );
}

/** Nodes are asked one after the other, and a block may come in between. */
const USUAL_LAG = 2;

/** A number whose heading is out of sight for who only listens. */
export function Cell({ name, value, words = name }: { name: string; value: number | undefined; words?: string }) {
  const isFaint = name === 'lag' && (value ?? 0) <= USUAL_LAG;
  return (
    <span class={`number ${name}${isFaint ? ' faint' : ''}`}>
      <span class="unseen">{words} </span>
      {formatNumber(value)}
    </span>
  );
}

function Pips({ nodes }: { nodes: readonly NodeView[] }) {
  const good = nodes.filter(({ health }) => health === 'good').length;
  return (
    <>
      <span class="count">
        {good}/{nodes.length}
        <span class="unseen"> nodes well</span>
      </span>
      <span class="pips" aria-hidden="true">
        {nodes.slice(0, MAX_PIPS).map(({ name, health }) => (
          <i key={name} class={health} />
        ))}
      </span>
    </>
  );
}

/** The one sentence that says why a resource is not simply well. */
function mainWords({ rollout, conditions, paused, health, nodes }: ResourceView): string {
  if (paused) return 'Paused: nothing is changed';
  if (rollout !== undefined) return `${spell(rollout.reason)}: ${rollout.words}`;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (health !== 'good') return ready?.message ?? '';
  const unwell = nodes.find((node) => node.health === 'bad' || node.health === 'busy');
  if (unwell !== undefined) return `${unwell.name}: ${spell(unwell.state)}${unwell.words ? `, ${unwell.words}` : ''}`;
  const pending = conditions.find(({ type, status }) => type === 'UpdatePending' && status === 'True');
  return pending === undefined ? '' : 'An update waits for the next restart';
}
