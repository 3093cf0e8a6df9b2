import React, {ComponentType, useEffect, useRef} from 'react';

import {PostAction, PostDialogProps} from 'src/capabilities/capability';
import {MESSAGE_BOX} from 'src/host/focus';
import {HostStore, userLocale} from 'src/host/store';
import {intlFor} from 'src/i18n/locales';
import {Observable, useObserved} from 'src/query/observable';
import {loadPart} from 'src/ui/lazy_page';
import {showToast} from 'src/ui/toast';

interface Opened {
    Part: ComponentType<PostDialogProps>;
    postId: string;
}

class Dialog extends Observable {
    opened?: Opened;

    show(opened?: Opened): void {
        this.opened = opened;
        this.notify();
    }
}

const dialog = new Dialog();

/** Loads what an entry of a message's menu opens, and shows it. */
export function openPostDialog(store: HostStore, {load}: PostAction, postId: string): void {
    loadPart(load).then(({default: Part}) => dialog.show({Part, postId}), () => {
        // The menu with this entry is closed by now.
        const {formatMessage} = intlFor(userLocale(store.getState()));
        showToast(formatMessage({id: 'app.part_failed', defaultMessage: 'This could not be loaded. Please try again.'}));
    });
}

const close = () => dialog.show();

/** The dialog that an entry of a message's menu has opened. The host always shows this. */
export function PostDialog() {
    const opened = useObserved(dialog, () => dialog.opened);
    const wasOpen = useRef(false);
    useEffect(() => {
        // The entry that had the focus is gone.
        if (wasOpen.current && !opened && document.activeElement === document.body) {
            document.getElementById(MESSAGE_BOX)?.focus();
        }
        wasOpen.current = Boolean(opened);
    }, [opened]);
    useEffect(() => close, []);
    return opened ? (
        <opened.Part
            key={opened.postId}
            postId={opened.postId}
            onClose={close}
        />
    ) : null;
}
