/** What one must know to read the page rightly. */
import { signal } from '@preact/signals';
import { connection, fleet, heardAt, trouble } from './stream.ts';
import { formatDuration } from './words.ts';

const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);

export function Banner() {
  const sentences = findSentences();
  return (
    <div role="status" aria-live="polite">
      {sentences.map((sentence) => (
        <p key={sentence} class="banner">
          {sentence}
        </p>
      ))}
    </div>
  );
}

function findSentences(): string[] {
  const { operator, at, resources } = fleet.value;
  if (connection.value === 'closed') return [`The operator does not let us in: ${trouble.value}.`];
  const sentences: string[] = [];
  if (connection.value === 'lost') {
    const age = at === undefined ? '' : ` What is shown is ${formatDuration((now.value - heardAt.value) / 1000)} old.`;
    sentences.push(`The connection is lost and will be tried again.${age}`);
  }
  if (operator === undefined) return sentences;
  if (!operator.leads) {
    const who = operator.leader === undefined ? 'nobody leads' : `${operator.leader} leads`;
    sentences.push(
      `This is a standby, ${who}: only the leader asks nodes, so heights here come from the status, up to a minute late.`,
    );
  }
  if (operator.missing.length > 0) sentences.push(`Still being read: ${operator.missing.join(', ')}.`);
  else if (resources.size === 0)
    sentences.push('There are no resources yet. The folder examples has some to begin with.');
  return sentences;
}
