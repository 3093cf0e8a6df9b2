import {expect, it} from 'vitest';

import {markOf, withMarks} from 'src/capabilities/retrospective/marks';

const PATH = '/team/plugin/incidents/i1';
const refs = [{kind: 'event' as const, id: 'e1'}];
const link = (href: string) => {
    const element = document.createElement('a');
    element.setAttribute('href', href);
    return element;
};

it('a line gets its number behind its words, and keeps its line break', () => {
    expect(withMarks('One.  \n- Two.\n\nThree.', [{line: 0, refs}, {line: 1, refs}], PATH)).
        toBe(`One. [1](${PATH}?source=0)  \n- Two. [2](${PATH}?source=1)\n\nThree.`);
});

it('a line that is no longer there, or is empty, gets none', () => {
    expect(withMarks('One.\n ', [{line: 1, refs}, {line: 7, refs}], PATH)).toBe('One.\n ');
});

it('a mark is known by its address, also as the host has changed it, and no other link is one', () => {
    expect(markOf(link(`${PATH}?source=3`), PATH)).toBe(3);
    expect(markOf(link(`https://chat.example.com${PATH}?source=0`), PATH)).toBe(0);
    [PATH, `${PATH}?source=x`, '/other?source=1', 'https://example.com/?source=1', ''].forEach((href) => expect(markOf(link(href), PATH)).toBeUndefined());
});
