import {waitFor} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {Text} from 'src/people/text';
import {BORIS} from 'src/testing/factories';
import {freshHost, happens, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

const CHEN = {...BORIS, id: 'chen', username: 'chen'};

beforeEach(() => {
    freshHost();
});

it('people whom texts mention are loaded once, and those who do not exist are not asked for again', async () => {
    const server = fakeServer({'POST host:/users/usernames': {body: [CHEN]}});
    const {store} = renderWithHost((
        <>
            <Text text='Ask @chen and @nobody'/>
            <Text text='@nobody, @chen'/>
            <Text text='Ask @boris'/>
        </>
    ));
    await waitFor(() => expect(store.getState().entities.users.profiles.chen).toEqual(CHEN));
    await happens(() => undefined);
    expect(server.calls.map(({body}) => body)).toEqual([['chen', 'nobody']]);
});
