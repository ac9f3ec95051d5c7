/** What Kubernetes has recorded about a resource and its pods in the last hour. */
import type { EventView } from '../wire.ts';
import { formatTime, spell } from './words.ts';

export function EventList({ events }: { events: readonly EventView[] }) {
  if (events.length === 0) return <p class="empty">Nothing has happened lately; events are kept for an hour.</p>;
  const now = Date.now();
  return (
    <ol class="events">
      {events.map(({ at, type, reason, note, about, count }) => (
        <li key={`${at} ${about} ${reason} ${note}`} class={type === 'Warning' ? 'warning' : undefined}>
          <div>
            <strong>{spell(reason)}</strong>
            {type === 'Warning' ? <span class="tag bad">Warning</span> : null}
            {count > 1 ? <span class="tag">{count} times</span> : null}
            <time dateTime={at} title={at}>
              {formatTime(at, now)}
            </time>
          </div>
          <p>{note}</p>
          <small>{about}</small>
        </li>
      ))}
    </ol>
  );
}
