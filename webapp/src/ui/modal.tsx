import Close from '@mattermost/compass-icons/components/close';
import React, {KeyboardEvent, MouseEvent, ReactNode, useLayoutEffect, useRef, useState} from 'react';
import {createPortal} from 'react-dom';
import {useIntl} from 'react-intl';

import {Button, CancelButton} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {pressedKey} from 'src/host/keys';
import styles from 'src/ui/modal.module.css';
import {ErrorNotice, ShownError} from 'src/ui/notice';
import {Root} from 'src/ui/root';

interface ModalProps {
    title: ReactNode;
    children: ReactNode;
    footer?: ReactNode;
    onClose: () => void;

    /** What the dialog is about is under way: it stays, so that a failure finds its place. */
    busy?: boolean;

    /** What Enter does where it has no meaning of its own, such as on the text. */
    onEnter?: () => void;

    /** Prefix of the ids of the parts: `…Label`, `…Body`. */
    id?: string;
}

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), [tabindex="0"]';
const HAS_OWN_ENTER = 'a[href], button, input, textarea, select, [role=button], [role=option]';

/** The dialogs that are open, the topmost last. It alone keeps the focus: with unsaved changes, Back asks over a dialog, too. */
const opened: HTMLElement[] = [];

/** A dialog over the page. Focus stays inside while it is open and goes back to where it was. Escape closes it. */
export function Modal({title, children, footer, onClose, busy = false, onEnter, id = 'incidentModal'}: ModalProps) {
    const {formatMessage} = useIntl();
    const dialog = useRef<HTMLDivElement>(null);

    // Asked for before the content is mounted, which may take the focus.
    const [before] = useState(() => document.activeElement as HTMLElement | null);

    // One that opens over another has its own title, although both may have the same id.
    const [part] = useState(() => (opened.length > 0 ? `${id}-${opened.length}-` : id));

    useLayoutEffect(() => {
        const own = dialog.current;
        if (own) {
            opened.push(own);
        }
        const isTopmost = () => opened[opened.length - 1] === own;
        if (!dialog.current?.contains(document.activeElement)) {
            (dialog.current?.querySelector<HTMLElement>('[data-autofocus]') ?? dialog.current)?.focus();
        }
        const keep = (event: FocusEvent) => {
            if (isTopmost() && dialog.current && !dialog.current.contains(event.target as Node)) {
                dialog.current.focus();
            }
        };
        // The browser says nothing when an element with the focus is removed or disabled, and then keys reach the dialog no more.
        const lost = new MutationObserver(() => {
            const {activeElement} = document;
            if (isTopmost() && (activeElement === document.body || activeElement?.matches(':disabled'))) {
                dialog.current?.focus();
            }
        });
        if (dialog.current) {
            lost.observe(dialog.current, {childList: true, subtree: true, attributeFilter: ['disabled']});
        }
        document.addEventListener('focusin', keep);
        return () => {
            opened.splice(0, opened.length, ...opened.filter((one) => one !== own));
            lost.disconnect();
            document.removeEventListener('focusin', keep);
            before?.focus?.();
        };
    }, [before]);

    const close = () => !busy && onClose();
    const onKeyDown = (event: KeyboardEvent) => {
        event.stopPropagation();
        const key = pressedKey(event);
        if (key === 'Escape') {
            close();
        } else if (key === 'Enter' && onEnter && !(event.target as Element).closest(HAS_OWN_ENTER)) {
            // Else Enter would also press what has the focus after the dialog.
            event.preventDefault();
            onEnter();
        } else if (key === 'Tab') {
            const all = [...dialog.current?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? []];
            const at = all.indexOf(document.activeElement as HTMLElement);
            const wraps = event.shiftKey ? at <= 0 : at === all.length - 1;
            if (wraps) {
                event.preventDefault();
                all[event.shiftKey ? all.length - 1 : 0]?.focus();
            }
        }
    };

    return createPortal(
        <Root>
            {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape is the key for it */}
            <div
                className={styles.backdrop}
                onMouseDown={(event: MouseEvent) => event.target === event.currentTarget && close()}
            >
                {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the dialog has to catch Escape and Tab */}
                <div
                    ref={dialog}
                    id={id}
                    className={styles.dialog}
                    role='dialog'
                    aria-modal={true}
                    aria-labelledby={`${part}Label`}
                    aria-describedby={`${part}Body`}
                    tabIndex={-1}
                    onKeyDown={onKeyDown}
                >
                    <div className={styles.head}>
                        <h1 id={`${part}Label`}>{title}</h1>
                        <Button
                            kind='icon'
                            aria-label={formatMessage({id: 'ui.modal.close', defaultMessage: 'Close'})}
                            locked={busy}
                            onClick={onClose}
                        >
                            <Icon
                                of={Close}
                                size={20}
                            />
                        </Button>
                    </div>
                    <div
                        id={`${part}Body`}
                        className={styles.body}
                    >
                        {children}
                    </div>
                    {footer && <div className={styles.foot}>{footer}</div>}
                </div>
            </div>
        </Root>,
        document.body,
    );
}

interface ConfirmProps {
    title: ReactNode;
    children: ReactNode;

    /** Text of the confirming button. */
    confirm: ReactNode;

    /** Text of the other button; `Cancel` when absent. */
    cancel?: ReactNode;
    onConfirm: () => void;
    onCancel: () => void;
    isDangerous?: boolean;

    /** What is confirmed has to be read first: the other button has the focus, and Enter elsewhere does nothing. */
    isCareful?: boolean;
    busy?: boolean;
    error?: ShownError;

    /** What is said before the cause of the error. */
    failure?: ReactNode;
}

/**
 * Asks whether to go on. The confirming button has the focus, and Enter elsewhere is for it, unless `isCareful`; one press
 * confirms once.
 */
export function Confirm({title, children, confirm, cancel, onConfirm, onCancel, isDangerous, isCareful = false, busy, error, failure}: ConfirmProps) {
    return (
        <Modal
            id='confirmModal'
            title={title}
            onClose={onCancel}
            busy={busy}
            onEnter={busy || isCareful ? undefined : onConfirm}
            footer={(
                <>
                    <CancelButton
                        id='cancelModalButton'
                        locked={busy}
                        data-autofocus={isCareful || undefined}
                        onClick={onCancel}
                    >
                        {cancel}
                    </CancelButton>
                    <Button
                        id='confirmModalButton'
                        kind={isDangerous ? 'danger' : 'primary'}
                        busy={busy}
                        data-autofocus={!isCareful || undefined}
                        onClick={onConfirm}
                    >
                        {confirm}
                    </Button>
                </>
            )}
        >
            {children}
            {error && <ErrorNotice error={error}>{failure}</ErrorNotice>}
        </Modal>
    );
}
