import {createIntl, createIntlCache, IntlShape} from 'react-intl';

import {DEFAULT_LOCALE} from 'src/host/store';

type Messages = Record<string, string>;

// English stands in the code. The other languages are loaded when somebody uses them.
const loaders: Record<string, () => Promise<{default: Messages}>> = {
    de: () => import(/* webpackChunkName: "i18n-de" */ '../../i18n/de.json'),
};

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'yi', 'ckb', 'ps']);

const loaded = new Map<string, Messages>();
const cache = createIntlCache();

const language = (locale: string) => locale.toLowerCase().split(/[-_]/)[0] ?? DEFAULT_LOCALE;

/** The locale as Intl accepts it; English when it does not. */
export function usableLocale(locale: string): string {
    const tag = locale.replace('_', '-');
    try {
        return Intl.DateTimeFormat.supportedLocalesOf([tag])[0] ?? DEFAULT_LOCALE;
    } catch {
        return DEFAULT_LOCALE;
    }
}

export function directionOf(locale: string): 'ltr' | 'rtl' {
    return RIGHT_TO_LEFT.has(language(locale)) ? 'rtl' : 'ltr';
}

/** The translations that are loaded; `{}` stands for English. */
export function messagesOf(locale: string): Messages {
    return loaded.get(language(locale)) ?? {};
}

/**
 * The locale of what is shown: that of the user, or English where its texts would be read in the other direction than the
 * English ones that stand in for them.
 */
export function shownLocale(locale: string, messages: Messages): string {
    return directionOf(locale) === 'rtl' && Object.keys(messages).length === 0 ? DEFAULT_LOCALE : usableLocale(locale);
}

/** Loads the texts of a language. A language that does not exist, or cannot be loaded now, leaves English. */
export async function loadMessages(locale: string): Promise<Messages> {
    const name = language(locale);
    const loader = loaders[name];
    if (loader && !loaded.has(name)) {
        try {
            loaded.set(name, (await loader()).default);
        } catch {
            // Tried again with the next mount.
        }
    }
    return messagesOf(locale);
}

/** Texts without a translation are shown in English; only real faults are worth a word. */
export function onIntlError(error: {code?: string}): void {
    if (error.code !== 'MISSING_TRANSLATION' && error.code !== 'MISSING_DATA') {
        throw error;
    }
}

/** For texts outside React. */
export function intlFor(locale: string): IntlShape {
    const messages = messagesOf(locale);
    return createIntl({locale: shownLocale(locale, messages), messages, defaultLocale: DEFAULT_LOCALE, onError: onIntlError}, cache);
}
