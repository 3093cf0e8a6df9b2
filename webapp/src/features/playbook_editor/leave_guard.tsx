import {Action, Location} from 'history';
import React, {useEffect, useRef, useState} from 'react';
import {useIntl} from 'react-intl';
import {useHistory, useLocation} from 'react-router-dom';

import {Confirm} from 'src/ui/modal';
import {isSigningIn} from 'src/ui/sign_in';

interface Exit {
    location: Location;
    action: Action;

    /** How many entries of the browser's history lie between, negative when back; 0 is not known. */
    by: number;
}

/** Which entry of the browser's history is shown; undefined where the browser does not tell. */
const entryIndex = () => (window as {navigation?: {currentEntry?: {index: number} | null}}).navigation?.currentEntry?.index;

/**
 * Asks before unsaved changes are lost, however the page is left: by a link, by the browser's history or by closing
 * the tab. `onDiscard` is called when they are given up. Returns a function that lets the next exit pass.
 */
export function useLeaveGuard(isDirty: boolean, onDiscard: () => void): {dialog: React.ReactNode; pass: () => void} {
    const {formatMessage} = useIntl();
    const history = useHistory();

    // The host's history is a copy whose `location` stays that of the first page.
    const {pathname, search} = useLocation();
    const here = useRef({pathname, search, entry: entryIndex()});
    if (here.current.pathname !== pathname || here.current.search !== search) {
        here.current = {pathname, search, entry: entryIndex()};
    }
    const [exit, setExit] = useState<Exit>();
    const unblock = useRef<() => void>();

    useEffect(() => {
        if (!isDirty) {
            return undefined;
        }
        const ask = (event: BeforeUnloadEvent) => {
            if (isSigningIn()) {
                return;
            }
            event.preventDefault();
            event.returnValue = '';
        };
        window.addEventListener('beforeunload', ask);
        const off = history.block((location, action) => {
            if (location.pathname === here.current.pathname && location.search === here.current.search) {
                return undefined;
            }
            // When this is asked, the browser shows the entry that it went to already, and is sent back to this one.
            const [from, to] = [here.current.entry, entryIndex()];
            setExit({location, action, by: action === 'POP' && from !== undefined && to !== undefined ? to - from : 0});
            return false;
        });
        const end = () => {
            window.removeEventListener('beforeunload', ask);
            off();
            unblock.current = undefined;
        };
        unblock.current = end;
        return () => unblock.current?.();
    }, [isDirty, history]);

    const pass = () => unblock.current?.();
    const leave = ({location, action, by}: Exit) => {
        setExit(undefined);
        pass();
        onDiscard();
        if (action === 'PUSH') {
            history.push(location);
        } else if (by !== 0) {
            history.go(by);
        } else {
            // Which way the browser's history was going is not known; replacing leads to the right page in any case.
            history.replace(location);
        }
    };
    return {
        pass,
        dialog: exit && (
            <Confirm
                title={formatMessage({id: 'editor.discard_title', defaultMessage: 'Discard your changes?'})}
                confirm={formatMessage({id: 'editor.discard', defaultMessage: 'Discard Changes'})}
                onConfirm={() => leave(exit)}
                onCancel={() => setExit(undefined)}
            >
                {formatMessage({id: 'editor.discard_text', defaultMessage: 'What you changed in this playbook has not been saved.'})}
            </Confirm>
        ),
    };
}
