import React from 'react';
import {IntlProvider} from 'react-intl';
import {useSelector} from 'react-redux';

import {locale} from '../../store/selectors';

// The little of the host's own texts that is needed to see that plugins leave them in the user's language.
const german = {'user_profile.send.dm': 'Nachricht', 'navbar.products': 'Produkte'};

/** The host's texts, in the React context that all copies of react-intl share unless they are told not to. */
export function HostTexts({children}: {children: React.ReactNode}) {
    const language = useSelector(locale);
    return (
        <IntlProvider
            locale={language}
            messages={language.startsWith('de') ? german : {}}
            onError={() => undefined}
        >{children}</IntlProvider>
    );
}
