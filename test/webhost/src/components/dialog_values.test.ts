import {describe, expect, it} from 'vitest';

import type {DialogElement} from '../types';

import {checkElement, initialValues} from './dialog_values';

const element = (more: Partial<DialogElement>): DialogElement => ({
    display_name: 'Name', name: 'name', type: 'text', subtype: '', default: '', placeholder: '', help_text: '', optional: false,
    min_length: 0, max_length: 0, data_source: '', options: null, ...more,
});

describe('checkElement', () => {
    it.each([
        ['a missing text', element({}), '', 'required'],
        ['a missing choice', element({type: 'select'}), null, 'required'],
        ['a short text', element({min_length: 2}), 'a', '2'],
        ['no address', element({subtype: 'email'}), 'nobody', 'email'],
        ['no number', element({subtype: 'number'}), 'x', 'number'],
        ['no link', element({subtype: 'url'}), 'example.com', 'http'],
    ])('refuses %s', (_, one, value, text) => {
        expect(checkElement(one, value)).toContain(text);
    });

    it('lets optional fields be empty, and short ones only when empty', () => {
        expect(checkElement(element({optional: true, min_length: 2}), '')).toBeUndefined();
        expect(checkElement(element({optional: true, min_length: 2}), 'a')).toBeDefined();
        expect(checkElement(element({type: 'bool'}), false)).toBeUndefined();
    });
});

describe('initialValues', () => {
    it('takes the default of a choice only if it can be chosen', () => {
        const options = [{text: 'None', value: '0'}];
        const of = (value: string) => initialValues([element({type: 'select', options, default: value})]).name;
        expect(of('0')).toBe('0');
        expect(of('77')).toBeNull();
    });

    it('prefills texts and ticks', () => {
        expect(initialValues([element({default: 'text'}), element({name: 'tick', type: 'bool', default: 'True'})])).
            toEqual({name: 'text', tick: true});
    });
});
