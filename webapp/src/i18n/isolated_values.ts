import type {IntlShape} from 'react-intl';

import {isolated} from 'src/ui/isolated';

type Values = Record<string, unknown>;

const isolatedAll = (values: Values): Values => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? isolated(value) : value]));

/**
 * The same texts, with each value in its own direction: a name from right to left must not turn round the words of its sentence. Values
 * that are elements have to see to it themselves.
 */
export function withIsolatedValues(intl: IntlShape): IntlShape {
    const format = intl.formatMessage as (...parts: unknown[]) => unknown;
    const formatMessage = (descriptor: unknown, values?: Values, ...rest: unknown[]) => format(descriptor, values && isolatedAll(values), ...rest);
    return {...intl, formatMessage: formatMessage as IntlShape['formatMessage']};
}
