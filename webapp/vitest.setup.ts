import '@testing-library/jest-dom/vitest';
import {notifyManager} from '@tanstack/react-query';
import {act, cleanup, configure} from '@testing-library/react';
import {afterEach} from 'vitest';

// How long things take says nothing about them: a busy machine must not fail tests.
configure({asyncUtilTimeout: 120_000});

// Components render again because of an answer or event as they do because of what a test does.
notifyManager.setNotifyFunction((notify) => act(notify));

// There is no layout.
if (typeof document !== 'undefined') {
    document.elementFromPoint = () => null;
}

afterEach(async () => {
    cleanup();
    if (typeof document !== 'undefined') {
        document.body.className = '';
        if (document.querySelector('[data-testid="incident-toast"]')) {
            // A toast looks at the window for some seconds, which would outlast the last test. It is imported here, since tests mock what it imports.
            (await import('src/ui/toast')).removeToast();
        }
    }
});
