import {useRef, useState} from 'react';
import {MessageDescriptor, useIntl} from 'react-intl';

import {MenuEntry} from 'src/ui/menu';

interface Setting {
    key: string;

    /** The entry of the menu. */
    text: MessageDescriptor;
}

/** The settings of a row that are shown: those that are set or were chosen from its menu. The others are entries of the menu. */
export function useSettings<S extends Setting>(settings: readonly S[], isSet: (setting: S) => boolean) {
    const {formatMessage} = useIntl();
    const [opened, setOpened] = useState('');

    // What was shown once stays: taken away while it is changed, it would lose the focus.
    const seen = useRef(new Set<string>());
    const shown = settings.filter((setting) => setting.key === opened || seen.current.has(setting.key) || isSet(setting));
    shown.forEach(({key}) => seen.current.add(key));
    const entries: MenuEntry[] = settings.filter((one) => !shown.includes(one)).map(({key, text}) => ({key, text: formatMessage(text), onChoose: () => setOpened(key)}));
    return {shown, entries, isNew: ({key}: Setting) => key === opened};
}
