import {screen} from '@testing-library/react';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {ErrorPage} from 'src/features/error_page/error_page';
import {errorPath, incidentListPath, playbookListPath} from 'src/routes';
import {freshHost, renderWithHost} from 'src/testing/host';

beforeEach(() => {
    freshHost();
});

describe('the error page', () => {
    it.each([
        ['incidents', 'Incident not found', incidentListPath('ad-1')],
        ['playbooks', 'Playbook not found', playbookListPath('ad-1')],
        ['default', 'Page not found', '/'],
    ] as const)('tells about missing %s and leads on', (type, title, link) => {
        renderWithHost(<ErrorPage/>, {path: errorPath('ad-1', type)});
        expect(screen.getByRole('heading')).toHaveTextContent(title);
        expect(screen.getByRole('link')).toHaveAttribute('href', link);
        expect(document.querySelector('#warningIcon')).toBeInTheDocument();
    });

    it('takes only its own classes off the body when it is left', () => {
        document.body.className = 'app__body sticky';
        const {unmount} = renderWithHost(<ErrorPage/>, {path: errorPath('ad-1', 'default')});
        expect(document.body).toHaveClass('app__body', 'sticky', 'error');
        unmount();
        expect(document.body.className).toBe('app__body sticky');
    });

    it('leaves the body as it is where the host lays everything out in a grid', () => {
        const root = document.createElement('div');
        root.id = 'root';
        root.style.display = 'grid';
        document.body.append(root);
        document.body.className = 'app__body';
        renderWithHost(<ErrorPage/>, {path: errorPath('ad-1', 'default')});
        expect(document.body.className).toBe('app__body');
        root.remove();
    });
});
