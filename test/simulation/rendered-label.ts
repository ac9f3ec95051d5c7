/** A label that another version of the operator renders on every child; the tests put it into the kind's metadata. */
export const renderedLabel: { value: string | undefined } = { value: undefined };
