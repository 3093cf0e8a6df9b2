import type {DialogElement, Dictionary} from '../types';

export type DialogValue = string | number | boolean | null;
export type DialogValues = Dictionary<DialogValue | undefined>;

export function initialValues(elements: DialogElement[]): DialogValues {
    return Object.fromEntries(elements.map((element) => {
        if (element.type === 'bool') {
            return [element.name, String(element.default).toLowerCase() === 'true'];
        }
        if (element.type === 'select' || element.type === 'radio') {
            const known = element.data_source || element.options?.some((one) => one.value === element.default);
            return [element.name, element.default && known ? element.default : null];
        }
        return [element.name, element.default ?? null];
    }));
}

/** What is wrong with an entry, or nothing. */
export function checkElement(element: DialogElement, value: DialogValue | undefined): string | undefined {
    const empty = value === null || value === undefined || value === '';
    if (empty) {
        return element.optional || element.type === 'bool' ? undefined : 'This field is required.';
    }
    if (element.type !== 'text' && element.type !== 'textarea') {
        return undefined;
    }
    const text = String(value);
    if (text.length < element.min_length) {
        return `Minimum input length is ${element.min_length}.`;
    }
    if (element.subtype === 'email' && !(/^\S+@\S+$/).test(text)) {
        return 'Must be a valid email address.';
    }
    if (element.subtype === 'number' && Number.isNaN(Number(text))) {
        return 'Must be a number.';
    }
    if (element.subtype === 'url' && !(/^https?:\/\/\S+$/i).test(text)) {
        return 'Must include http:// or https://.';
    }
    return undefined;
}
