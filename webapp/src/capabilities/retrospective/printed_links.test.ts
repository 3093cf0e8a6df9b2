import {expect, it} from 'vitest';

import {markBareLinks} from 'src/capabilities/retrospective/printed_links';

it('links whose text is their address are marked, and others are not', () => {
    const sheet = document.createElement('div');
    sheet.innerHTML = [
        '<a href="https://example.com/a?b=c">https://example.com/a?b=c</a>', '<a href="http://www.example.com/">www.example.com</a>',
        '<a href="mailto:anna@example.com">anna@example.com</a>', '<a href="https://example.com/a">the ticket</a>', '<a href="https://example.com/a">example.com</a>',
    ].join('');
    markBareLinks(sheet);
    expect([...sheet.children].map((link) => link.hasAttribute('data-bare'))).toEqual([true, true, true, false, false]);
});
