// Letters that are written from right to left.
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A user's text for a sentence without elements, such as an option: in its own direction, and without an effect on the words around it.
 * In elements, `bdi` does it. Values of `formatMessage` are isolated already.
 */
export const isolated = (text: string) => (RTL.test(text) ? `\u2068${text}\u2069` : text);
