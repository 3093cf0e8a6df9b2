import {screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Link, Route} from 'react-router-dom';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import Backstage from 'src/app/backstage';
import {incidentListPath, pluginRoot, playbookListPath, playbookPath, teamPath} from 'src/routes';
import {aPlaybook, TEAM} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';
import {LazyPage} from 'src/ui/lazy_page';

let push: ReturnType<typeof freshHost>['push'];
let at: string;

beforeEach(() => {
    ({push} = freshHost());
    fakeServer({'GET /playbooks': page([]), 'GET /incidents': page([]), 'GET /incidents/commanders': {body: []}});
});

function open(path: string) {
    return renderWithHost((
        <>
            <Backstage/>
            <Link to={playbookListPath(TEAM.name)}>{'elsewhere'}</Link>
            <Route
                render={({location}) => {
                    at = location.pathname + location.search;
                    return null;
                }}
            />
        </>
    ), {path});
}

describe('the full pages', () => {
    it.each([playbookListPath(TEAM.name), `${playbookListPath(TEAM.name)}/`])('%s has the bar', async (path) => {
        open(path);
        expect(screen.getByTestId('playbooksLHSButton')).toHaveAttribute('href', playbookListPath(TEAM.name));
        expect(screen.getByTestId('incidentsLHSButton')).toHaveAttribute('href', incidentListPath(TEAM.name));
        await userEvent.click(screen.getByRole('button', {name: 'Back to Mattermost'}));
        expect(push).toHaveBeenCalledWith(teamPath(TEAM.name));
    });

    it.each(['', '/', '/nothing'])('%j is not found', (rest) => {
        open(pluginRoot(TEAM.name) + rest);
        expect(at).toBe(`${pluginRoot(TEAM.name)}/error?type=default`);
        expect(screen.queryByTestId('playbooksLHSButton')).not.toBeInTheDocument();
    });

    it('a fault in one page is not shown on the next', async () => {
        vi.spyOn(console, 'error').mockImplementation(() => undefined);
        const id = 'broken'.padEnd(26, '0');
        fakeServer({[`GET /playbooks/${id}`]: {body: {...aPlaybook({id}), checklists: 1}}, 'GET /playbooks': page([])});
        open(playbookPath(TEAM.name, id));
        expect(await screen.findByRole('alert')).toHaveTextContent('Something went wrong');
        await userEvent.click(screen.getByText('elsewhere'));
        expect(await screen.findByTestId('no-playbooks')).toBeInTheDocument();
        expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    });

    it('leaving takes only its own class from the body', () => {
        document.body.className = 'theirs';
        const {unmount} = open(`${pluginRoot(TEAM.name)}/error`);
        expect(document.body).toHaveClass('app__body', 'theirs');
        unmount();
        expect(document.body).toHaveClass('theirs', {exact: true});
    });
});

it('code that cannot be loaded can be asked for again', async () => {
    const load = vi.fn<() => Promise<{default: () => React.ReactElement}>>().
        mockRejectedValueOnce(new Error('offline')).
        mockResolvedValue({default: () => <p>{'here'}</p>});
    renderWithHost(<LazyPage load={load}/>);
    expect(await screen.findByRole('alert')).toHaveTextContent('This page could not be loaded.');
    await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
    await waitFor(() => expect(screen.getByText('here')).toBeInTheDocument());
});
