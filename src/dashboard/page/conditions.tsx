/** All conditions of a resource, as its status has them. */
import type { ResourceView } from '../wire.ts';
import { formatTime, spell } from './words.ts';

export function Conditions({ conditions }: { conditions: ResourceView['conditions'] }) {
  if (conditions.length === 0) return <p class="empty">It has no conditions yet.</p>;
  const now = Date.now();
  return (
    <ul class="conditions">
      {conditions.map(({ type, status, reason, message, lastTransitionTime }) => (
        <li key={type}>
          <div>
            <strong>{spell(type)}</strong>
            <span class="tag">{status}</span>
            <span class="faint">{spell(reason)}</span>
            <time dateTime={lastTransitionTime} title={lastTransitionTime}>
              {formatTime(lastTransitionTime, now)}
            </time>
          </div>
          <p>{message}</p>
        </li>
      ))}
    </ul>
  );
}
