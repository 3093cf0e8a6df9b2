import Account from '@mattermost/compass-icons/components/account-outline';
import Bullhorn from '@mattermost/compass-icons/components/bullhorn-outline';
import Check from '@mattermost/compass-icons/components/check-circle-outline';
import Clock from '@mattermost/compass-icons/components/clock-outline';
import Flag from '@mattermost/compass-icons/components/flag-outline';
import Message from '@mattermost/compass-icons/components/message-text-outline';
import Pencil from '@mattermost/compass-icons/components/pencil-outline';
import React, {ReactNode, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {changeEntry, deleteEntry} from 'src/capabilities/timeline/client';
import {EditForm, editName, isKeptEdit} from 'src/capabilities/timeline/edit_form';
import {EntryBody} from 'src/capabilities/timeline/entry_body';
import {receiveEntry} from 'src/capabilities/timeline/feed';
import {Headline} from 'src/capabilities/timeline/headline';
import {StarButton} from 'src/capabilities/timeline/star_button';
import {kindName} from 'src/capabilities/timeline/stretch';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry, KindName} from 'src/capabilities/timeline/types';
import {Versions} from 'src/capabilities/timeline/versions';
import {sidebar} from 'src/host/sidebar';
import {currentUserId} from 'src/host/store';
import {isNarrow, navigate} from 'src/host/window';
import {keptInput} from 'src/incident/kept_input';
import {useAction} from 'src/query/use_action';
import {postPath} from 'src/routes';
import {Incident} from 'src/types/incident';
import {classes} from 'src/ui/classes';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {useDomId} from 'src/ui/ids';
import {InnerLink} from 'src/ui/inner_link';
import {announce} from 'src/ui/live_region';
import {DotsMenu, MenuEntry} from 'src/ui/menu';
import {Confirm} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {useTimeOfDay} from 'src/ui/time';

const ICONS: Record<KindName, Parameters<typeof Icon>[0]['of']> = {
    update: Bullhorn, message: Message, manual: Pencil, commander: Account, incident: ShieldIcon, reminder: Clock, stage: Flag, task: Check, other: ShieldIcon,
};

const closeIfNarrow = () => {
    if (isNarrow()) {
        sidebar.close();
    }
};

interface Props {
    entry: Entry;
    incident: Incident;

    /** Whether the user may change entries. */
    canWrite: boolean;

    /** Of its controls: only those of one row are in the order of the Tab key. */
    tabIndex: number;
}

/** One entry of a timeline. */
export function EntryRow({entry, incident, canWrite, tabIndex}: Props) {
    const {formatMessage} = useIntl();
    const timeOfDay = useTimeOfDay();
    const headId = useDomId('entry');
    const userId = useSelector(currentUserId);
    const [isRestored] = useState(() => canWrite && entry.kind === 'manual' && entry.deleted_at === 0 && keptInput(userId, editName(entry), isKeptEdit) !== undefined);
    const [open, setOpen] = useState<'edit' | 'delete' | 'versions' | undefined>(isRestored ? 'edit' : undefined);

    // A form that is there again after a reload does not take the focus.
    const [wasOpened, setOpened] = useState(false);
    const {kind, deleted_at: deletedAt, starred, happened_at: at, version, source, event} = entry;
    const isGone = source?.gone === true;

    // Where one can go to; '' is nowhere.
    const postId = isGone ? '' : source?.post_id ?? event?.post_id ?? '';
    const isMark = deletedAt > 0;
    const close = () => setOpen(undefined);
    const controls = useRef<HTMLSpanElement>(null);
    const wasEdited = useRef(false);
    useEffect(() => {
        // The form that had the focus is gone.
        if (wasEdited.current && open !== 'edit' && document.activeElement === document.body) {
            controls.current?.querySelector<HTMLElement>('[role=button]')?.focus();
        }
        wasEdited.current = open === 'edit';
    }, [open]);
    const starring = useAction(async () => receiveEntry(await changeEntry(entry, {starred: !starred})));
    const deleting = useAction(async () => {
        receiveEntry(await deleteEntry(entry));
        announce(formatMessage({id: 'incident_timeline.was_deleted', defaultMessage: 'The entry was deleted.'}));
        close();
    });

    const canEdit = canWrite && !isMark;
    const entries: MenuEntry[] = [];
    const add = (key: string, text: ReactNode, onChoose: () => void, isDangerous = false) => entries.push({key, text, onChoose, isDangerous});
    if (postId) {
        add('go', formatMessage({id: 'incident_timeline.go', defaultMessage: 'Go to the Message'}), () => {
            closeIfNarrow();
            navigate(postPath(postId));
        });
    }
    if (canEdit && kind === 'manual') {
        add('edit', formatMessage({id: 'incident_timeline.edit', defaultMessage: 'Edit'}), () => {
            setOpened(true);
            setOpen('edit');
        });
    }
    if (version > 0) {
        add('versions', formatMessage({id: 'incident_timeline.show_versions', defaultMessage: 'Show Versions'}), () => setOpen('versions'));
    }
    if (canEdit && (kind === 'manual' || kind === 'message')) {
        add('delete', formatMessage({id: 'incident_timeline.delete', defaultMessage: 'Delete'}), () => {
            deleting.clear();
            setOpen('delete');
        }, true);
    }
    const time = (
        <time
            dateTime={new Date(at).toISOString()}
            title={postId ? formatMessage({id: 'incident_timeline.go', defaultMessage: 'Go to the Message'}) : undefined}
        >
            {timeOfDay(at)}
        </time>
    );
    return (
        <>
            <div className={classes(styles.line, isMark && styles.mark)}>
                <Icon
                    of={ICONS[kindName(entry)]}
                    className={styles.kind}
                />
                <span className={styles.time}>
                    {postId && !isMark ? (
                        <InnerLink
                            to={postPath(postId)}
                            tabIndex={tabIndex}
                            aria-describedby={headId}
                            onClick={closeIfNarrow}
                        >
                            {time}
                        </InnerLink>
                    ) : time}
                </span>
                <span
                    id={headId}
                    className={styles.head}
                >
                    <Headline
                        entry={entry}
                        incident={incident}
                    />
                </span>
                <span
                    ref={controls}
                    className={styles.controls}
                >
                    {!isMark && (
                        <StarButton
                            {...{entry, canWrite, tabIndex}}
                            describedBy={headId}
                            action={starring}
                        />
                    )}
                    {entries.length > 0 && (
                        <DotsMenu
                            label={formatMessage({id: 'incident_timeline.menu', defaultMessage: 'Actions of the entry'})}
                            tabIndex={tabIndex}
                            className={styles.control}
                            entries={entries}
                        />
                    )}
                </span>
            </div>
            {open === 'edit' ? (
                <div className={styles.body}>
                    <EditForm
                        entry={entry}
                        autoFocus={wasOpened}
                        onDone={close}
                    />
                </div>
            ) : kind !== 'event' && !isMark && (
                <EntryBody
                    entry={entry}
                    isGone={isGone}
                    tabIndex={tabIndex}
                />
            )}
            {starring.error && (
                <ErrorNotice
                    error={starring.error}
                    onDismiss={starring.clear}
                >
                    <FormattedMessage
                        id='incident_timeline.star_failed'
                        defaultMessage='The entry could not be marked.'
                    />
                </ErrorNotice>
            )}
            {open === 'versions' && (
                <Versions
                    entry={entry}
                    onClose={close}
                />
            )}
            {open === 'delete' && (
                <Confirm
                    title={formatMessage({id: 'incident_timeline.delete_title', defaultMessage: 'Delete the entry?'})}
                    confirm={formatMessage({id: 'incident_timeline.delete', defaultMessage: 'Delete'})}
                    isDangerous={true}
                    busy={deleting.busy}
                    error={deleting.error}
                    failure={formatMessage({id: 'incident_timeline.delete_failed', defaultMessage: 'The entry could not be deleted.'})}
                    onConfirm={() => void deleting.run()}
                    onCancel={close}
                >
                    <p>
                        <FormattedMessage
                            id='incident_timeline.delete_text'
                            defaultMessage='A mark stays on the timeline that says who has deleted an entry and when. Only administrators can still read what it said.'
                        />
                    </p>
                </Confirm>
            )}
        </>
    );
}
