/** Errors as a person is told of them: what went wrong, and what to do. */
import { ApiError } from '../kube/api-error.ts';

export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const advice = error instanceof ApiError ? adviseOn(error) : undefined;
  return advice === undefined ? error.message : `${error.message}\n${advice}`;
}

function adviseOn({ status, reason }: ApiError): string | undefined {
  switch (status) {
    case 0:
      return reason === 'Unreachable'
        ? 'The API server does not answer. Does the cluster run, and is it the one that is meant? kubectl config current-context tells which it is; --context and --kubeconfig take another one.'
        : undefined;
    case 401:
      return 'The cluster does not accept these credentials: they may have ended. Log in again, or take others with --context or --kubeconfig.';
    case 403:
      return 'The account of this kubeconfig lacks a right. kubectl auth can-i --list shows those it has; -n NAME limits a command to one namespace.';
    default:
      return undefined;
  }
}
