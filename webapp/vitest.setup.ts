import '@testing-library/jest-dom/vitest';
import {cleanup, configure} from '@testing-library/react';
import {afterEach} from 'vitest';

// How long things take says nothing about them: a busy machine must not fail tests.
configure({asyncUtilTimeout: 30_000});

afterEach(() => {
    cleanup();
    if (typeof document !== 'undefined') {
        document.body.className = '';
    }
});
