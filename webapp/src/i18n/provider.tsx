import React, {ReactNode, useEffect, useMemo, useState} from 'react';
import {IntlProvider, RawIntlProvider, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {DEFAULT_LOCALE, userLocale, userTimezone} from 'src/host/store';
import {withIsolatedValues} from 'src/i18n/isolated_values';
import {loadMessages, messagesOf, onIntlError, shownLocale} from 'src/i18n/locales';

function IsolatedValues({children}: {children: ReactNode}) {
    const intl = useIntl();
    const isolating = useMemo(() => withIsolatedValues(intl), [intl]);
    return <RawIntlProvider value={isolating}>{children}</RawIntlProvider>;
}

/**
 * Texts, dates and numbers in the language and time zone that the user chose in Mattermost. Every component that the
 * host renders has to be wrapped in it: the host does not share its own provider.
 */
export function PluginIntl({children}: {children: ReactNode}) {
    const locale = useSelector(userLocale);
    const timeZone = useSelector(userTimezone);
    const [messages, setMessages] = useState(() => messagesOf(locale));
    useEffect(() => {
        let current = true;
        void loadMessages(locale).then((found) => current && setMessages(found));
        return () => {
            current = false;
        };
    }, [locale]);
    return (
        <IntlProvider
            locale={shownLocale(locale, messages)}
            messages={messages}
            defaultLocale={DEFAULT_LOCALE}
            timeZone={timeZone}
            onError={onIntlError}
        >
            <IsolatedValues>{children}</IsolatedValues>
        </IntlProvider>
    );
}
