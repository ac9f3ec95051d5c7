/** An error that another try would meet again. */
export class HopelessError extends Error {}
