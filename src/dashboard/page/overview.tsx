/** What one wants to know first of a resource. */
import { Fragment } from 'preact';
import type { Health, NodeView, ResourceView } from '../wire.ts';
import { HealthMark } from './health-mark.tsx';
import { colorOfLine, HeightPlot } from './height-plot.tsx';
import { formatCount, formatDuration, formatNumber, formatTime, spell, versionOf } from './words.ts';

export function Overview({ resource }: { resource: ResourceView }) {
  const hasHeights = resource.nodes.some(({ height }) => height !== undefined);
  return (
    <>
      <Notices resource={resource} />
      {hasHeights ? <HeightPlot resource={resource} /> : null}
      {resource.nodes.length > 0 ? <Nodes resource={resource} /> : null}
      {resource.expiries.length > 0 ? <Expiries resource={resource} /> : null}
      {resource.snapshots.length > 0 ? <Snapshots resource={resource} /> : null}
      <Facts resource={resource} />
    </>
  );
}

/** What is being changed, waits, or is wrong. */
function Notices({ resource: { rollout, conditions, notable, paused } }: { resource: ResourceView }) {
  return (
    <>
      {paused ? (
        <div class="notice off">
          <strong>Paused</strong>
          <p>The annotation nodewright.dev/paused is true: nothing is changed.</p>
        </div>
      ) : null}
      {rollout === undefined ? null : (
        <div class="notice busy">
          <strong>{rollout.moving ? `Rollout: ${spell(rollout.reason).toLowerCase()}` : 'Rollout waits'}</strong>
          <Sentences words={rollout.words} />
        </div>
      )}
      {conditions
        .filter(({ type }) => type !== 'Progressing' && notable.includes(type))
        .map(({ type, status, reason, message }) => (
          <div key={type} class={`notice ${type === 'Ready' && rollout === undefined ? 'bad' : 'plain'}`}>
            <strong>
              {type === 'Ready' && status !== 'True' ? 'Not ready' : spell(type)}: {spell(reason).toLowerCase()}
            </strong>
            <Sentences words={message} />
          </div>
        ))}
    </>
  );
}

/** Conditions put one beside the other what is about several nodes: `node: why; node: why`. */
function Sentences({ words }: { words: string }) {
  const sentences = words.split(/; (?=[^;]*: )/);
  if (sentences.length === 1) return <p>{words}</p>;
  return (
    <ul>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

function Nodes({ resource: { nodes } }: { resource: ResourceView }) {
  const hasHeights = nodes.some(({ height }) => height !== undefined);
  const hasPower = nodes.some(({ power }) => power !== undefined && power > 0);
  return (
    <section class="card">
      <table class="node-table">
        <thead>
          <tr>
            <th scope="col">Node</th>
            {hasHeights ? <th scope="col">Height</th> : null}
            {hasHeights ? <th scope="col">Behind</th> : null}
            {hasHeights ? <th scope="col">Peers</th> : null}
            {hasPower ? <th scope="col">Power</th> : null}
            <th scope="col" class="spare">
              Version
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node, index) => (
            <Fragment key={node.name}>
              <tr>
                <td>
                  <span class="node-name">
                    <HealthMark health={node.health} />
                    {hasHeights ? (
                      <i class="swatch" style={{ background: colorOfLine(index) }} aria-hidden="true" />
                    ) : null}
                    <span class="title">
                      <strong>{node.name}</strong>
                      <small>{smallPrint(node)}</small>
                    </span>
                  </span>
                </td>
                {hasHeights ? <td>{formatNumber(node.height)}</td> : null}
                {hasHeights ? <td>{formatNumber(node.lag)}</td> : null}
                {hasHeights ? <td>{formatNumber(node.peers)}</td> : null}
                {hasPower ? <td>{formatNumber(node.power)}</td> : null}
                <td class="spare" title={node.image}>
                  {node.version ?? versionOf(node.image) ?? '–'}
                </td>
              </tr>
              <Told node={node} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function smallPrint({ role, diskUsed, restarts = 0, startedAt }: NodeView): string {
  const parts = [
    role === 'node' ? undefined : role,
    startedAt === undefined ? undefined : `up ${formatDuration((Date.now() - Date.parse(startedAt)) / 1000)}`,
    restarts === 0 ? undefined : formatCount(restarts, 'restart'),
    diskUsed === undefined ? undefined : `disk ${Math.round(diskUsed)} %`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Nothing of a node that is well and has nothing to wait for. */
function Told({ node: { health, state, words, updatePending } }: { node: NodeView }) {
  if (health === 'good' && updatePending === undefined) return null;
  return (
    <tr class="told">
      <td colSpan={6}>
        {health === 'good' ? null : `${spell(state)}${words === undefined ? '' : `: ${words}`}`}
        {updatePending === undefined ? null : `The next restart brings ${updatePending}`}
      </td>
    </tr>
  );
}

function Expiries({ resource: { expiries } }: { resource: ResourceView }) {
  return (
    <section class="card">
      <h3>What ends</h3>
      <ul class="lines">
        {expiries.map(({ what, at, words, health }) => (
          <Line key={what} health={health} what={what} words={words} at={at} />
        ))}
      </ul>
    </section>
  );
}

type LineProps = { health: Health; what: string; words: string | undefined; at: string | undefined };

function Line({ health, what, words, at }: LineProps) {
  return (
    <li>
      <HealthMark health={health} />
      <span>
        {what}
        {words === undefined ? null : <small>{words}</small>}
      </span>
      {at === undefined ? null : (
        <time dateTime={at} title={at}>
          {formatTime(at, Date.now())}
        </time>
      )}
    </li>
  );
}

const SNAPSHOT_HEALTH = { Ready: 'good', Pending: 'busy', Failed: 'bad' } as const;

function Snapshots({ resource: { snapshots } }: { resource: ResourceView }) {
  return (
    <section class="card">
      <h3>Snapshots</h3>
      <ul class="lines">
        {snapshots.map(({ name, state, at, size, verified, words }) => (
          <Line
            key={name}
            health={verified === false ? 'bad' : SNAPSHOT_HEALTH[state]}
            what={name}
            words={[spell(state), size, verified === undefined ? undefined : VERDICTS[`${verified}`], words]
              .filter((part) => part !== undefined)
              .join(' · ')}
            at={at}
          />
        ))}
      </ul>
    </section>
  );
}

const VERDICTS = { true: 'a node could work with it', false: 'no node could work with it' };

function Facts({ resource }: { resource: ResourceView }) {
  const now = Date.now();
  const facts = [
    { label: 'kind', value: `${resource.kind} (${resource.apiVersion})` },
    ...(resource.chain === undefined ? [] : [{ label: 'chain', value: resource.chain }]),
    ...resource.facts,
    ...(resource.createdAt === undefined ? [] : [{ label: 'created', value: resource.createdAt }]),
  ];
  return (
    <section class="card">
      <h3>Facts</h3>
      <dl class="facts">
        {facts.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd title={value}>{/^\d{4}-\d\d-\d\dT/.test(value) ? `${formatTime(value, now)} (${value})` : value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
