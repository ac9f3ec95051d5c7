/** The whole page. */
import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Health } from '../wire.ts';
import { Banner } from './banner.tsx';
import { Detail } from './detail.tsx';
import { Login } from './login.tsx';
import { NodeList, order } from './node-list.tsx';
import { close, place } from './place.ts';
import { ResourceList } from './resource-list.tsx';
import { type Choice, chooseNodes, chooseResources, countHealth, worstOf } from './rows.ts';
import { asksToken, connection, fleet, signOut } from './stream.ts';
import { isNarrow } from './virtual-list.tsx';
import { formatCount, formatNumber, HEALTH_WORDS } from './words.ts';

const shown = signal<'resources' | 'nodes'>('resources');
const choice = signal<Choice>({ text: '', health: new Set() });

const resourceRows = computed(() => chooseResources(fleet.value.resources, choice.value));
const nodeRows = computed(() => chooseNodes(fleet.value.resources, choice.value, order.value));
const tally = computed(() => {
  const views = [...fleet.value.resources.values()];
  const nodes = views.flatMap((view) => view.nodes);
  const healths = shown.value === 'nodes' ? nodes.map(({ health }) => health) : views.map(worstOf);
  return {
    ...{ health: countHealth(healths), resources: views.length, nodes: nodes.length },
    inSync: nodes.filter(({ inSync, health }) => inSync ?? health === 'good').length,
    rollouts: views.filter(({ rollout }) => rollout !== undefined).length,
    expiring: views.flatMap(({ expiries }) => expiries).filter(({ health }) => health !== 'good').length,
  };
});

export function App() {
  if (connection.value === 'refused') return <Login />;
  return (
    <div class={`page${place.value === undefined ? '' : ' opened'}`}>
      <Header />
      <Banner />
      {fleet.value.at === undefined ? <Waiting /> : <Fleet />}
    </div>
  );
}

function Header() {
  const { operator } = fleet.value;
  return (
    <header class="top">
      <h1>
        <img src="./icon.svg" width="24" height="24" alt="" />
        Nodewright
      </h1>
      <span class="faint version">{operator?.version}</span>
      <span class="grow" />
      <span class={`connection ${connection.value}`} role="status">
        {connection.value === 'live' ? 'Live' : connection.value === 'connecting' ? 'Connecting' : 'Not connected'}
      </span>
      {asksToken.value ? (
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      ) : null}
    </header>
  );
}

function Waiting() {
  return <main class="empty">{connection.value === 'closed' ? null : 'Asking the operator…'}</main>;
}

function Fleet() {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.key === '/' && !isTyping) {
        event.preventDefault();
        search.current?.focus();
      } else if (event.key === 'Escape' && place.peek() !== undefined) {
        close();
        document.querySelector<HTMLElement>('.rows [tabindex="0"]')?.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <div class="columns">
      <main class="fleet">
        <Summary />
        <div class="tools">
          <fieldset class="choice" aria-label="What is listed">
            <button
              type="button"
              aria-pressed={shown.value === 'resources'}
              onClick={() => (shown.value = 'resources')}
            >
              Resources <small>{formatNumber(tally.value.resources)}</small>
            </button>
            <button type="button" aria-pressed={shown.value === 'nodes'} onClick={() => (shown.value = 'nodes')}>
              Nodes <small>{formatNumber(tally.value.nodes)}</small>
            </button>
          </fieldset>
          <input
            ref={search}
            type="search"
            aria-label="Search by name, namespace, kind, chain or state"
            placeholder={isNarrow.value ? 'Search' : 'Search  ( / )'}
            value={choice.value.text}
            onInput={({ currentTarget }) => {
              choice.value = { ...choice.value, text: currentTarget.value };
            }}
          />
        </div>
        {shown.value === 'resources' ? <ResourceList rows={resourceRows.value} /> : <NodeList rows={nodeRows.value} />}
      </main>
      <Detail />
    </div>
  );
}

const HEALTHS: readonly Health[] = ['bad', 'busy', 'good', 'off'];

/** How everything stands in one bar, whose parts are filters. */
function Summary() {
  const { health, nodes, inSync, rollouts, expiring } = tally.value;
  const all = HEALTHS.reduce((sum, one) => sum + health[one], 0);
  function toggle(one: Health): void {
    const chosen = new Set(choice.value.health);
    if (!chosen.delete(one)) chosen.add(one);
    choice.value = { ...choice.value, health: chosen };
  }
  return (
    <section class="summary" aria-label="Summary">
      <p>
        <strong>
          {formatNumber(inSync)} of {formatCount(nodes, 'node')}
        </strong>{' '}
        in sync
        {rollouts > 0 ? <span> · {formatCount(rollouts, 'rollout')}</span> : null}
        {expiring > 0 ? <span class="warn"> · {formatNumber(expiring)} to be renewed soon</span> : null}
      </p>
      <div class="bar" aria-hidden="true">
        {HEALTHS.filter((one) => health[one] > 0).map((one) => (
          <i key={one} class={one} style={{ width: `${(health[one] / all) * 100}%` }} />
        ))}
      </div>
      <fieldset class="chips" aria-label="Show only">
        {HEALTHS.map((one) => (
          <button
            key={one}
            type="button"
            class={`chip ${one}`}
            aria-pressed={choice.value.health.has(one)}
            disabled={health[one] === 0 && !choice.value.health.has(one)}
            onClick={() => toggle(one)}
          >
            <i aria-hidden="true" />
            {HEALTH_WORDS[one]} <b>{formatNumber(health[one])}</b>
          </button>
        ))}
      </fieldset>
    </section>
  );
}
