import {useEffect, useState} from 'react';
import {useSelector} from 'react-redux';

import {Typed} from 'src/capabilities/followups/form';
import {currentUserId} from 'src/host/store';
import {keepInTab, keptInTab} from 'src/host/tab_storage';

const FIELDS = ['title', 'text', 'owner_id', 'link', 'day', 'time'] as const;

function keptOf(userId: string, name: string): Partial<Typed> {
    const kept = (keptInTab(userId, name) ?? {}) as Record<string, unknown>;
    return Object.fromEntries(FIELDS.filter((field) => typeof kept[field] === 'string').map((field) => [field, kept[field]])) as Partial<Typed>;
}

/** What was typed in a form. It is kept in the browser's tab under the name, over a reload, until it is forgotten. */
export function useKeptForm(form: string) {
    const userId = useSelector(currentUserId);
    const name = `followup:${form}`;
    const [changed, setChanged] = useState(() => keptOf(userId, name));
    const [isRestored] = useState(Object.keys(changed).length > 0);
    useEffect(() => keepInTab(userId, name, Object.keys(changed).length > 0 ? changed : undefined), [userId, name, changed]);
    const forget = () => keepInTab(userId, name, undefined);
    return {changed, setChanged, isRestored, forget};
}
