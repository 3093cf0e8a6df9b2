import {screen} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {freshHost, renderWithHost} from 'src/testing/host';
import {ErrorNotice} from 'src/ui/notice';

beforeEach(() => {
    freshHost();
});

it.each([
    ['our own server', {status: 401, details: 'Not authorized.', code: 'user.unknown'}],
    ['Mattermost', {status: 401, details: 'Invalid or expired session, please login again.', code: 'api.context.session_expired.app_error'}],
    ['a proxy', {status: 401, details: ''}],
])('a session that has ended says so for %s, and leads to the login and back', (_, error) => {
    renderWithHost(<ErrorNotice error={error}>{'It was not saved.'}</ErrorNotice>);
    expect(screen.getByRole('alert')).toHaveTextContent('It was not saved. Your session has ended. Sign in again. Sign in');
    expect(screen.getByRole('link', {name: 'Sign in'})).toHaveAttribute('href', '/login?redirect_to=%2Fad-1%2Fchannels%2Ftown-square');
});

it('the login is below the path of the site, and what follows is not', () => {
    window.basename = '/ad-1';
    renderWithHost(<ErrorNotice error={{status: 401, details: ''}}>{'No.'}</ErrorNotice>);
    expect(screen.getByRole('link', {name: 'Sign in'})).toHaveAttribute('href', '/ad-1/login?redirect_to=%2Fchannels%2Ftown-square');
});

it('an answer that did not come in time may have been done', () => {
    renderWithHost(<ErrorNotice error={{status: 0, details: '', code: 'client.not_in_time'}}>{'No.'}</ErrorNotice>);
    expect(screen.getByRole('alert')).toHaveTextContent('No. The server did not answer in time. The change may have been made anyway.');
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
});

it.each([
    ['our own server', {status: 503, details: 'Incident Management is starting or stopping.', code: 'plugin.unavailable'}],
    ['a proxy', {status: 503, details: ''}],
    ['Mattermost', {status: 404, details: ''}],
])('a plugin that does not run says so for %s, in the language of the user', (_, error) => {
    renderWithHost(<ErrorNotice error={error}>{'No.'}</ErrorNotice>);
    expect(screen.getByRole('alert')).toHaveTextContent('No. Incident Management does not run at this moment. Try again soon.');
});
