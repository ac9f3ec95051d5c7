/** The diff of `nodewright plan` for one resource. */
import type { PlanView } from '../wire.ts';

export function PlanList({ plan: { changes, waits, problems } }: { plan: PlanView }) {
  if (changes.length === 0 && waits.length === 0 && problems.length === 0)
    return <p class="empty">Everything is as it should be: there is nothing to change.</p>;
  return (
    <>
      {problems.map((problem) => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
      {changes.length === 0 ? null : (
        <ul class="changes" aria-label="Changes">
          {changes.map(({ verb, kind, name, why, disrupts }) => (
            <li key={`${verb} ${kind} ${name} ${why}`} class={disrupts ? 'disrupts' : undefined}>
              <span class={`verb ${verb.split(' ')[0]}`}>{verb}</span>
              <span>
                <strong>
                  {kind} {name}
                </strong>
                <small>{why}</small>
                {disrupts ? <small class="restarts">A node is stopped and started for this.</small> : null}
              </span>
            </li>
          ))}
        </ul>
      )}
      {waits.length === 0 ? null : (
        <ul class="changes" aria-label="What waits">
          {waits.map(({ what, why }) => (
            <li key={what}>
              <span class="verb waits">waits</span>
              <span>
                <strong>{what}</strong>
                <small>{why}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="faint">As nodewright plan prints it. Nothing is changed by looking.</p>
    </>
  );
}
