import {Action, Location} from 'history';
import React, {useEffect, useRef, useState} from 'react';
import {useIntl} from 'react-intl';
import {useHistory, useLocation} from 'react-router-dom';

import {Confirm} from 'src/ui/modal';

interface Exit {
    location: Location;
    action: Action;
}

/**
 * Asks before unsaved changes are lost, whichever way the page is left: by a link, by the browser's history or by closing
 * the tab. Returns a function that lets the next exit pass.
 */
export function useLeaveGuard(isDirty: boolean): {dialog: React.ReactNode; pass: () => void} {
    const {formatMessage} = useIntl();
    const history = useHistory();

    // The host's history is a copy whose `location` stays that of the first page.
    const {pathname, search} = useLocation();
    const here = useRef({pathname, search});
    here.current = {pathname, search};
    const [exit, setExit] = useState<Exit>();
    const unblock = useRef<() => void>();

    useEffect(() => {
        if (!isDirty) {
            return undefined;
        }
        const ask = (event: BeforeUnloadEvent) => {
            event.preventDefault();
            event.returnValue = '';
        };
        window.addEventListener('beforeunload', ask);
        const off = history.block((location, action) => {
            if (location.pathname === here.current.pathname && location.search === here.current.search) {
                return undefined;
            }
            setExit({location, action});
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
    const leave = ({location, action}: Exit) => {
        setExit(undefined);
        pass();
        // Which way the browser's history was going is not known; replacing leads to the right page in any case.
        if (action === 'PUSH') {
            history.push(location);
        } else {
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
