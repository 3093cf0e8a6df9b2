import {render, waitFor} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {usePageTitle} from 'src/ui/page_title';

function Page({parts}: {parts: string[]}) {
    usePageTitle(...parts);
    return null;
}

beforeEach(() => {
    document.title = 'Town Square - Mattermost';
});

it.each([
    [['Incidents', 'Operations'], 'Incidents - Operations'],
    [['障害  データ\tベース', 'Operations'], '障害 データ ベース - Operations'],
    [['Alone', ''], 'Alone'],
])('a page with the parts %j is called %s, and the host gets its title back', (parts, title) => {
    const {unmount} = render(<Page parts={parts}/>);
    expect(document.title).toBe(title);
    unmount();
    expect(document.title).toBe('Town Square - Mattermost');
});

it('follows what it is about', () => {
    const {rerender, unmount} = render(<Page parts={['A']}/>);
    rerender(<Page parts={['B']}/>);
    expect(document.title).toBe('B');
    unmount();
    expect(document.title).toBe('Town Square - Mattermost');
});

it('keeps its title when the host sets its own for new messages, with their sign', async () => {
    const {unmount} = render(<Page parts={['Incidents']}/>);
    for (const [hosts, shown] of [['(2) Town Square - Mattermost', '(2) Incidents'], ['* Town Square - Mattermost', '* Incidents'], ['(12) * Town Square - Mattermost', '(12) * Incidents'], ['Mattermost', 'Incidents']]) {
        document.title = hosts!;
        await waitFor(() => expect(document.title).toBe(shown));
    }
    unmount();
    expect(document.title).toBe('Mattermost');
});
