import {expect, it} from 'vitest';

import english from '../../i18n/en.json';

it('texts say task, never step; only the title that new tasks are stored with does not', () => {
    const said = Object.entries(english).filter(([, text]) => (/\bsteps?\b/i).test(text));
    expect(said).toEqual([['editor.untitled_task', 'Untitled Step']]);
});
