import {beforeEach, describe, expect, it, vi} from 'vitest';

import {taskForms} from 'src/store/task_forms';
import {keepInTab, keptInTab} from 'src/host/tab_storage';
import {ApiError} from 'src/client/http';
import {BORIS, ME} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';

const task = {title: 'Old', command: '/echo', description: 'why'};

/** What a reload or an upgrade of the plugin does. */
function reload(userId = ME.id): void {
    taskForms.dispose();
    taskForms.restore(userId);
}

beforeEach(() => {
    freshHost();
    taskForms.restore(ME.id);
});

describe('what is typed in the forms of tasks', () => {
    it('is there again after a reload', () => {
        taskForms.open('i s t1', task);
        taskForms.type('i s t1', {title: 'New'});
        taskForms.open('i s new');
        taskForms.type('i s new', {title: '障', command: '/'});
        reload();
        expect(taskForms.read('i s t1')).toEqual({before: task, typed: {title: 'New'}, busy: false});
        expect(taskForms.read('i s new')).toMatchObject({typed: {title: '障', command: '/'}});
        expect(taskForms.isAnyOpen('i', 's')).toBe(true);
    });

    it('is there again when it was being saved, or saving had failed', async () => {
        taskForms.open('key', task);
        taskForms.type('key', {title: 'New'});
        await taskForms.save('key', () => Promise.reject(new ApiError(401, 'ended')));
        reload();
        expect(taskForms.read('key')).toEqual({before: task, typed: {title: 'New'}, busy: false});
    });

    it('is forgotten once it is saved or given up', async () => {
        for (const key of ['saved', 'closed']) {
            taskForms.open(key, task);
            taskForms.type(key, {title: 'New'});
        }
        await taskForms.save('saved', async () => undefined);
        taskForms.close('closed');
        reload();
        expect(taskForms.read('saved')).toBeUndefined();
        expect(taskForms.read('closed')).toBeUndefined();
        expect(window.sessionStorage).toHaveLength(0);
    });

    it('is not shown to somebody else who signs in in the same tab', () => {
        taskForms.open('key', task);
        taskForms.type('key', {title: 'Secret'});
        reload(BORIS.id);
        expect(taskForms.read('key')).toBeUndefined();
    });

    it.each([['nothing'], ['text'], [[['key', {before: {}, typed: {}}]]], [[['key', {before: task, typed: {title: 1}}]]], [[null]]])('of another form (%j) is left out', (kept) => {
        keepInTab(ME.id, 'task-forms', kept);
        reload();
        expect(taskForms.read('key')).toBeUndefined();
    });

    it('is held without a storage too', () => {
        vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
            throw new DOMException('full', 'QuotaExceededError');
        });
        taskForms.open('key', task);
        taskForms.type('key', {title: 'New'});
        expect(taskForms.read('key')?.typed).toEqual({title: 'New'});
        expect(keptInTab(ME.id, 'task-forms')).toBeUndefined();
    });
});
