/** How something stands, by shape and colour, and in words for who sees neither. */
import type { Health } from '../wire.ts';
import { HEALTH_WORDS } from './words.ts';

export function HealthMark({ health, isQuiet = false }: { health: Health; isQuiet?: boolean }) {
  return (
    <span class={`mark ${health}`} title={HEALTH_WORDS[health]}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        {SHAPES[health]}
      </svg>
      {isQuiet ? null : <span class="unseen">{HEALTH_WORDS[health]}</span>}
    </span>
  );
}

const SHAPES = {
  good: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.8 8.3l2.2 2.2 4.2-4.6" fill="none" stroke="var(--surface)" stroke-width="1.8" />
    </>
  ),
  busy: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" opacity="0.35" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
    </>
  ),
  bad: (
    <>
      <path d="M8 1.6L15 14H1z" fill="currentColor" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" />
      <path d="M8 6v4M8 11.7v.6" stroke="var(--surface)" stroke-width="1.6" stroke-linecap="round" />
    </>
  ),
  off: <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="3 2.2" />,
};
