import {beforeEach, describe, expect, it} from 'vitest';

import {ApiError, hostUrl, pluginUrl, request} from 'src/client/http';
import {freshHost} from 'src/testing/host';
import {fakeServer, NOT_RUNNING} from 'src/testing/server';

beforeEach(() => {
    freshHost();
});

describe('request', () => {
    it('goes below the path of the site, with what cookie sessions need', async () => {
        window.basename = '/chat';
        document.cookie = 'MMCSRF=tok';
        const server = fakeServer({'PUT /playbooks/p1': {}});
        await request('PUT', pluginUrl('/playbooks/p1'), {body: {title: 'ä'}, query: {a: 1, none: undefined, empty: ''}});
        expect(pluginUrl('/x')).toBe('/chat/plugins/com.mattermost.plugin-incident-management/api/v0/x');
        expect(server.calls[0]).toMatchObject({
            query: {a: '1'},
            body: {title: 'ä'},
            headers: {'X-Requested-With': 'XMLHttpRequest', 'X-CSRF-Token': 'tok', 'Content-Type': 'application/json'},
        });
        document.cookie = 'MMCSRF=; expires=Thu, 01 Jan 1970 00:00:00 GMT';
    });

    it('answers undefined to an empty body', async () => {
        fakeServer({'GET host:/x': {status: 204}});
        expect(await request('GET', hostUrl('/x'))).toBeUndefined();
    });

    it.each([
        ['this plugin', {error: 'It has ended.', details: '', code: 'incident.ended'}, {details: 'It has ended.', code: 'incident.ended'}],
        ['this plugin, translated', {error: 'It has ended.', localized_error: 'Er ist beendet.', details: '', code: 'incident.ended'}, {details: 'Er ist beendet.', code: 'incident.ended'}],
        ['Mattermost', {id: 'api.context.404', message: 'No such thing.'}, {details: 'No such thing.', code: 'api.context.404'}],
        ['something in between', undefined, {details: '', code: ''}],
    ])('keeps what %s says about a failure', async (_, body, expected) => {
        fakeServer({'GET host:/x': {status: 409, body}});
        await expect(request('GET', hostUrl('/x'))).rejects.toMatchObject({status: 409, isNotFound: false, ...expected});
    });

    it('does not take a plugin that does not run for something that is not there', async () => {
        fakeServer({'GET host:/x': NOT_RUNNING});
        await expect(request('GET', hostUrl('/x'))).rejects.toMatchObject({status: 404, isNotFound: false});
    });

    it('calls it status 0 when no answer comes', async () => {
        fakeServer({'GET host:/x': {status: 0}});
        await expect(request('GET', hostUrl('/x'))).rejects.toEqual(expect.objectContaining({status: 0}));
    });

    it('lets an abort through', async () => {
        fakeServer({'GET host:/x': {}});
        const abort = new AbortController();
        abort.abort();
        await expect(request('GET', hostUrl('/x'), {signal: abort.signal})).rejects.not.toBeInstanceOf(ApiError);
    });
});
