/** A list of links to resources, of which only those in sight are made. Arrow keys move in it. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { idOf, type ResourceView } from '../wire.ts';
import { addressOf, place } from './place.ts';

/** As the style sheet has it: rows are higher where there is little room beside each other. */
const narrow = matchMedia('(max-width: 719px)');
export const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});
const WIDE_ROW = 44;
const NARROW_ROW = 64;
/** Rows above and below those in sight, so that fast scrolling shows no holes. */
const SPARE = 8;

type ListProps<Row> = {
  label: string;
  rows: readonly Row[];
  /** Asked of all rows, also of those out of sight. */
  keyOf(row: Row): string;
  renderRow(row: Row): ComponentChildren;
  header: ComponentChildren;
};

export function VirtualList<Row extends { resource: ResourceView }>(props: ListProps<Row>) {
  const { label, rows, keyOf, renderRow, header } = props;
  const openId = place.value?.id;
  const rowHeight = isNarrow.value ? NARROW_ROW : WIDE_ROW;
  const scroller = useRef<HTMLUListElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [activeKey, setActiveKey] = useState<string>();
  /** The row with the focus may have to be made first, and loses it when it is moved in the document. */
  const hasFocus = useRef(false);
  const active =
    activeKey === undefined
      ? 0
      : Math.max(
          0,
          rows.findIndex((row) => keyOf(row) === activeKey),
        );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  useEffect(() => {
    const look = ({ target }: Event) => {
      hasFocus.current = target instanceof Node && scroller.current?.contains(target) === true;
    };
    for (const type of ['focusin', 'pointerdown']) document.addEventListener(type, look);
    return () => {
      for (const type of ['focusin', 'pointerdown']) document.removeEventListener(type, look);
    };
  }, []);

  useLayoutEffect(() => {
    const row = scroller.current?.querySelector<HTMLElement>('[tabindex="0"]');
    if (hasFocus.current && row !== document.activeElement) row?.focus({ preventScroll: true });
  });

  function moveTo(index: number): void {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[target];
    const element = scroller.current;
    if (row === undefined || element === null) return;
    setActiveKey(keyOf(row));
    const top = target * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight;
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const targets: Record<string, number> = {
      ...{ ArrowDown: active + 1, j: active + 1, ArrowUp: active - 1, k: active - 1 },
      ...{ PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1 },
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    moveTo(target);
  }

  const first = Math.max(0, Math.floor(view.top / rowHeight) - SPARE);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + SPARE);
  const made = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  // The one with the focus stays when it is scrolled away, or the focus would be lost.
  if (rows.length > 0 && (active < first || active >= last)) made.push(active);
  return (
    <div class="list">
      {header}
      <ul ref={scroller} class="rows" aria-label={label} onKeyDown={onKeyDown}>
        {rows.length === 0 ? <li class="empty">Nothing here is like that.</li> : null}
        <li class="spacer" style={{ height: `${rows.length * rowHeight}px` }} aria-hidden="true" />
        {made.map((index) => {
          const row = rows[index] as Row;
          const key = keyOf(row);
          return (
            <li
              key={key}
              class="row"
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${index * rowHeight}px)` }}
            >
              <a
                href={addressOf(row.resource)}
                tabIndex={index === active ? 0 : -1}
                aria-current={idOf(row.resource) === openId ? 'true' : undefined}
                onFocus={() => setActiveKey(key)}
              >
                {renderRow(row)}
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
