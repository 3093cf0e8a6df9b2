import {expect, it} from 'vitest';

import german from '../../i18n/de.json';
import english from '../../i18n/en.json';

it('texts say task, never step; only the title that new tasks are stored with does not', () => {
    const said = Object.entries(english).filter(([, text]) => (/\bsteps?\b/i).test(text));
    expect(said).toEqual([['editor.untitled_task', 'Untitled Step']]);
});

it('no text quotes a sign of the syntax: of a text without values, react-intl shows the quotes too', () => {
    const texts = [...Object.entries(english), ...Object.entries(german)];
    expect(texts.filter(([, text]) => (/'[<>{}#|]/).test(text))).toEqual([]);
});
