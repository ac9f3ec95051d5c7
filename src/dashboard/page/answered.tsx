/** Something that the server works out when it is asked for, and again when one wants it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type EventView, idOf, type PlanView, type ResourceView } from '../wire.ts';

type Answers = { plan: PlanView; events: EventView[] };
type Props<Path extends keyof Answers> = {
  resource: ResourceView;
  path: Path;
  render(answer: Answers[Path]): ComponentChildren;
};

export function Answered<Path extends keyof Answers>({ resource, path, render }: Props<Path>) {
  const [state, setState] = useState<{ answer?: Answers[Path]; error?: string; at?: number }>({});
  const [asked, setAsked] = useState(0);
  const id = idOf(resource);

  useEffect(() => {
    const abort = new AbortController();
    ask(resource, path, abort.signal).then(
      (answer) => setState({ answer, at: Date.now() }),
      (error: Error) => {
        if (!abort.signal.aborted) setState({ error: error.message });
      },
    );
    return () => abort.abort();
  }, [id, path, asked]);

  return (
    <>
      <div class="asked">
        <span class="faint" role="status">
          {state.at === undefined ? (state.error === undefined ? 'Asking…' : '') : `As of ${clock.format(state.at)}`}
        </span>
        <button type="button" onClick={() => setAsked(asked + 1)}>
          Ask again
        </button>
      </div>
      {state.error === undefined ? null : (
        <p class="problem" role="alert">
          {state.error}
        </p>
      )}
      {state.answer === undefined ? null : render(state.answer)}
    </>
  );
}

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

async function ask<Path extends keyof Answers>(
  { apiVersion, kind, namespace, name }: ResourceView,
  path: Path,
  signal: AbortSignal,
): Promise<Answers[Path]> {
  const query = new URLSearchParams({ apiVersion, kind, namespace, name });
  const answer = await fetch(`./api/${path}?${query}`, { signal });
  const body = (await answer.json()) as Answers[Path] & { error?: string };
  if (!answer.ok) throw new Error(body.error ?? `the server answers with ${answer.status}`);
  return body;
}
