import {expect, it, vi} from 'vitest';

/** As react-intl does it in each of its copies. */
const contextOf = () => import('react-intl').then(({RawIntlProvider}) => RawIntlProvider as unknown);

it.each([[undefined], [true]])('our texts stay out of the context that other copies of react-intl share (bypass was %s)', async (bypass) => {
    vi.resetModules();
    const shared = {Provider: 'theirs', Consumer: 'theirs'};
    vi.stubGlobal('__REACT_INTL_CONTEXT__', shared);
    vi.stubGlobal('__REACT_INTL_BYPASS_GLOBAL_CONTEXT__', bypass);
    if (bypass === undefined) {
        delete (window as Partial<typeof window>).__REACT_INTL_BYPASS_GLOBAL_CONTEXT__;
    }
    const {ownContextMade} = await import('src/i18n/own_context');
    const ours = await contextOf();
    ownContextMade();
    expect(ours).not.toBe('theirs');
    expect(window.__REACT_INTL_CONTEXT__).toBe(shared);
    expect('__REACT_INTL_BYPASS_GLOBAL_CONTEXT__' in window).toBe(bypass !== undefined);
    expect(window.__REACT_INTL_BYPASS_GLOBAL_CONTEXT__).toBe(bypass);
});
