import React, {ReactNode, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {storedIn} from 'src/capabilities/followups/client';
import {Details} from 'src/capabilities/followups/details';
import {DropDialog} from 'src/capabilities/followups/drop_dialog';
import {EditDialog} from 'src/capabilities/followups/edit_dialog';
import styles from 'src/capabilities/followups/followups.module.css';
import {change} from 'src/capabilities/followups/store';
import {FollowUp} from 'src/capabilities/followups/types';
import {useAction} from 'src/query/use_action';
import choiceStyles from 'src/ui/choice.module.css';
import {DotsMenu, MenuEntry} from 'src/ui/menu';
import {announce} from 'src/ui/live_region';
import {ErrorNotice} from 'src/ui/notice';

type Kind = 'details' | 'edit' | 'drop';

/** What rows do with their follow-ups. */
export interface Actions {
    open: (kind: Kind, item: FollowUp) => void;

    /** Closes an open one as done; opens a closed one again. */
    toggle: (item: FollowUp) => void;

    /** Id of the one whose change is under way; '' is none. */
    busy: string;
}

/** The actions of a list, and what they show: dialogs, and why one has failed. */
export function useActions(items: FollowUp[]): {actions: Actions; shown: ReactNode} {
    const {formatMessage} = useIntl();
    const [opened, setOpened] = useState<{kind: Kind; item: FollowUp}>();
    const [touched, setTouched] = useState<FollowUp>();
    const {run, busy, error, clear} = useAction(async (item: FollowUp) => {
        const after = await change(item, {state: item.state === 'open' ? 'done' : 'open'});
        announce(after.state === 'open' ?
            formatMessage({id: 'followups.said_open', defaultMessage: '“{title}” is open again.'}, {title: after.title}) :
            formatMessage({id: 'followups.said_done', defaultMessage: '“{title}” is done.'}, {title: after.title}));
    });
    const toggle = (item: FollowUp) => {
        if (!busy) {
            setTouched(item);
            void run(item);
        }
    };
    const close = () => setOpened(undefined);

    // A dialog shows the newest state, also of one that has left the list.
    const item = opened && (items.find(({id}) => id === opened.item.id) ?? opened.item);
    const actions: Actions = {open: (kind, which) => setOpened({kind, item: which}), toggle, busy: busy ? touched?.id ?? '' : ''};
    return {
        actions,
        shown: (
            <>
                {error && touched && (
                    <ErrorNotice
                        error={storedIn(error) ? undefined : error}
                        onDismiss={clear}
                    >
                        {storedIn(error) ? (
                            <FormattedMessage
                                id='followups.changed_meanwhile'
                                defaultMessage='“{title}” was not changed: somebody else has just closed it or opened it again.'
                                values={{title: <bdi key='title'>{touched.title}</bdi>}}
                            />
                        ) : (
                            <FormattedMessage
                                id='followups.state_failed'
                                defaultMessage='“{title}” could not be changed.'
                                values={{title: <bdi key='title'>{touched.title}</bdi>}}
                            />
                        )}
                    </ErrorNotice>
                )}
                {item && opened?.kind === 'details' && (
                    <Details
                        item={item}
                        onEdit={() => setOpened({kind: 'edit', item})}
                        onClose={close}
                    />
                )}
                {item && opened?.kind === 'edit' && (
                    <EditDialog
                        item={item}
                        onClose={close}
                    />
                )}
                {item && opened?.kind === 'drop' && (
                    <DropDialog
                        item={item}
                        onClose={close}
                    />
                )}
            </>
        ),
    };
}

interface PartProps {
    item: FollowUp;
    actions: Actions;
}

/** Checked for one that is done. A dropped one has none. */
export function DoneBox({item, actions}: PartProps) {
    const {formatMessage} = useIntl();
    const isBusy = actions.busy === item.id;
    if (item.state === 'dropped') {
        return <span className={styles.noBox}/>;
    }
    return (
        <input
            type='checkbox'
            className={choiceStyles.check}
            aria-label={formatMessage({id: 'followups.done_box', defaultMessage: 'Done: {title}'}, {title: item.title})}
            checked={isBusy ? item.state === 'open' : item.state === 'done'}
            aria-disabled={isBusy || !item.can_edit || undefined}
            aria-busy={isBusy || undefined}
            onChange={() => item.can_edit && actions.toggle(item)}
        />
    );
}

/** The title, which opens all that is known. */
export function Title({item, actions}: PartProps) {
    return (
        <button
            type='button'
            className={styles.title}
            data-state={item.state}
            onClick={() => actions.open('details', item)}
        >
            <span className={styles.number}>{`#${item.number}`}</span>
            {' '}
            <bdi>{item.title}</bdi>
        </button>
    );
}

/** What else can be done with one that the user may change. */
export function ItemMenu({item, actions}: PartProps) {
    const {formatMessage} = useIntl();
    if (!item.can_edit) {
        return null;
    }
    const entries: MenuEntry[] = [{key: 'edit', text: formatMessage({id: 'followups.edit', defaultMessage: 'Edit'}), onChoose: () => actions.open('edit', item)}];
    if (item.state === 'open') {
        entries.push(
            {key: 'done', text: formatMessage({id: 'followups.mark_done', defaultMessage: 'Mark as Done'}), onChoose: () => actions.toggle(item)},
            {key: 'drop', text: formatMessage({id: 'followups.drop', defaultMessage: 'Drop'}), onChoose: () => actions.open('drop', item)},
        );
    } else {
        entries.push({key: 'reopen', text: formatMessage({id: 'followups.reopen', defaultMessage: 'Open Again'}), onChoose: () => actions.toggle(item)});
    }
    return (
        <DotsMenu
            label={formatMessage({id: 'followups.menu', defaultMessage: 'More for {title}'}, {title: item.title})}
            entries={entries}
            className={styles.menu}
        />
    );
}
