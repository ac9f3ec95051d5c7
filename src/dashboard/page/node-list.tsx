/** All nodes of all resources, one to a row, in the order of a column. */
import { signal } from '@preact/signals';
import { idOf } from '../wire.ts';
import { HealthMark } from './health-mark.tsx';
import { Cell } from './resource-list.tsx';
import { NODE_COLUMNS, type NodeColumn, type NodeRow, type Order } from './rows.ts';
import { VirtualList } from './virtual-list.tsx';
import { spell, versionOf } from './words.ts';

export const order = signal<Order>({ column: 'state', descending: false });

const TITLES: Record<NodeColumn, string> = {
  state: 'State',
  name: 'Node',
  resource: 'Resource',
  height: 'Height',
  lag: 'Behind',
  peers: 'Peers',
  restarts: 'Restarts',
};

export function NodeList({ rows }: { rows: readonly NodeRow[] }) {
  return (
    <VirtualList
      label="Nodes"
      rows={rows}
      keyOf={({ resource, node }) => `${idOf(resource)}/${node.name}`}
      renderRow={(row) => <Row {...row} />}
      header={
        <fieldset class="head node-grid" aria-label="Order of the nodes">
          {NODE_COLUMNS.map((column) => (
            <Head key={column} column={column} />
          ))}
          <span class="version" aria-hidden="true">
            Version
          </span>
        </fieldset>
      }
    />
  );
}

function Head({ column }: { column: NodeColumn }) {
  const { column: chosen, descending } = order.value;
  const isChosen = chosen === column;
  return (
    <span class={`${column}${IS_NUMBER.has(column) ? ' number' : ''}`}>
      <button
        type="button"
        aria-pressed={isChosen}
        title={isChosen ? 'Turn the order round' : `Order by ${TITLES[column].toLowerCase()}`}
        onClick={() => {
          // The largest of what is counted is what one looks for.
          order.value = { column, descending: isChosen ? !descending : IS_NUMBER.has(column) };
        }}
      >
        {TITLES[column]}
        <span aria-hidden="true">{isChosen ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </span>
  );
}

const IS_NUMBER: ReadonlySet<NodeColumn> = new Set<NodeColumn>(['height', 'lag', 'peers', 'restarts']);

function Row({ resource, node }: NodeRow) {
  return (
    <span class="node-grid" title={node.words}>
      <span class="state">
        <HealthMark health={node.health} />
        {spell(node.state)}
      </span>
      <span class="name">
        <strong>{node.name}</strong>
      </span>
      <span class="resource">
        {resource.namespace}/{resource.name}
      </span>
      <Cell name="height" value={node.height} />
      <Cell name="lag" words="blocks behind" value={node.lag} />
      <Cell name="peers" value={node.peers} />
      <Cell name="restarts" value={node.restarts} />
      <span class="version" title={node.image}>
        {node.version ?? versionOf(node.image) ?? '–'}
      </span>
    </span>
  );
}
