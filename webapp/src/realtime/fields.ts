export type Fields = Record<string, unknown>;

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

// Only own fields count: those that an object inherits were not sent.
const hasOwn = (value: Fields, name: string) => Object.prototype.hasOwnProperty.call(value, name);

/** Whether all fields of these names are there and of a form. */
export const all = (value: Fields, names: readonly string[], is: (field: unknown) => boolean) =>
    names.every((name) => hasOwn(value, name) && is(value[name]));

/** As `all`, for fields that are not always sent. */
export const allIfSent = (value: Fields, names: readonly string[], is: (field: unknown) => boolean) =>
    names.every((name) => !hasOwn(value, name) || is(value[name]));

export const isList = (value: unknown, is: (element: unknown) => boolean) => Array.isArray(value) && value.every(is);
