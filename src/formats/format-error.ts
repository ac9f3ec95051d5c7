/** Text or an answer that does not have the form it must have. The message names where, what was found and what is needed. */
export class FormatError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'FormatError';
  }
}
