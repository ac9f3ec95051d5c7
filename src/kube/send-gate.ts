import type { Dispatcher } from 'undici';

/**
 * The same connections, but `ask` is called in the very moment before the bytes of a request are written, and what it throws fails the
 * request unsent. A check before the call would be older by the wait for a connection, a TLS handshake or a stop of the process.
 */
export function askBeforeSending(dispatcher: Dispatcher, ask: () => void): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart(controller, context) {
          ask();
          handler.onRequestStart?.(controller, context);
        },
        onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      }),
  );
}
