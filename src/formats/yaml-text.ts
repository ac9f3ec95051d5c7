/** YAML that a person wrote into a member of a resource: what is wrong with it is told by line and column. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { FormatError } from './format-error.ts';

export type YamlText = {
  /** Null for a text without content. */
  value: unknown;
  /** Line, from 1, of the value at a path, or of the nearest thing around it that is there. */
  lineOf(path: readonly PropertyKey[]): number;
};

/**
 * Parses one YAML 1.2 document; tags that are not YAML's own are let through. Throws a FormatError.
 * @param where names the text in errors: "spec.config: line 3, column 8: …"
 */
export function parseYamlText(text: string, where: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new FormatError(`${where}: line ${line}, column ${col}: ${lowerFirst(error.message)}`);
  }
  return { value: toValue(() => document.toJS(), where), lineOf };

  function lineOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length >= 0; length--) {
      const offset = offsetOf(document, path.slice(0, length));
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return 1;
  }
}

/** Where the name of a member begins, or an entry of a list; undefined when there is none. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  if (path.length === 0) return document.contents?.range?.[0];
  const around = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(around)) {
    const pair = around.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** Aliases to nothing, or so many that the value would be endless, show only here. */
function toValue(work: () => unknown, where: string): unknown {
  try {
    return work();
  } catch (error) {
    throw new FormatError(`${where}: ${error instanceof Error ? lowerFirst(error.message) : String(error)}`);
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
