import {act, screen, waitFor} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {client} from 'src/query/client';
import {postKey, refreshPosts, usePost} from 'src/store/posts';
import {aPost} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

beforeEach(() => {
    freshHost();
});

function Shown({id}: {id: string}) {
    const {post, error} = usePost(id);
    return <span>{post?.message ?? (error ? `failed: ${error.status}` : 'loading')}</span>;
}

async function readAgain(status: number) {
    const post = aPost({message: 'All carts fail'});
    const server = fakeServer({[`GET host:/posts/${post.id}`]: {body: post}});
    renderWithHost(<Shown id={post.id}/>);
    await screen.findByText('All carts fail');
    server.on({[`GET host:/posts/${post.id}`]: {status}});
    await act(async () => void refreshPosts());
    await waitFor(() => expect(client.getQueryState(postKey(post.id))?.error).toMatchObject({status}));
}

it('an update on the screen stays when it cannot be read again after a reconnect', async () => {
    await readAgain(502);
    expect(screen.getByText('All carts fail')).toBeInTheDocument();
});

it('after a reconnect reads what is shown only, a few at a time', async () => {
    const all = Array.from({length: 12}, () => aPost());
    const answers: Array<() => void> = [];
    const server = fakeServer(Object.fromEntries(all.map((post) => [`GET host:/posts/${post.id}`, {body: post}])));
    const {unmount} = renderWithHost(<Shown id='gone'/>);
    await screen.findByText('failed: 404');
    unmount();
    renderWithHost(<>{all.map(({id}) => <Shown key={id} id={id}/>)}</>);
    await waitFor(() => expect(screen.getAllByText('Still looking')).toHaveLength(12));
    server.calls.splice(0);
    server.on(Object.fromEntries(all.map((post) => [`GET host:/posts/${post.id}`, () => new Promise((resolve) => answers.push(() => resolve({body: post})))])));
    await act(async () => void refreshPosts());
    expect(server.calls).toHaveLength(4);
    for (let done = 0; done < 12; done++) {
        await act(async () => answers[done]?.());
        await waitFor(() => expect(server.calls).toHaveLength(Math.min(4 + done + 1, 12)));
    }
});

it('an update that may no longer be read gives way', async () => {
    await readAgain(403);
    expect(await screen.findByText('failed: 403')).toBeInTheDocument();
});
