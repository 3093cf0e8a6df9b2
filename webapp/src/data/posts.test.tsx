import {act, screen, waitFor} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {posts, usePost} from 'src/data/posts';
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
    await act(async () => posts.reset());
    await waitFor(() => expect(posts.read(post.id).error?.status).toBe(status));
}

it('an update on the screen stays when it cannot be read again after a reconnect', async () => {
    await readAgain(502);
    expect(screen.getByText('All carts fail')).toBeInTheDocument();
});

it('an update that may no longer be read gives way', async () => {
    await readAgain(403);
    expect(screen.getByText('failed: 403')).toBeInTheDocument();
});
