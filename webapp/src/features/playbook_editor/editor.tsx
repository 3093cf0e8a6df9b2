import React, {useEffect, useMemo, useReducer, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';
import {useHistory} from 'react-router-dom';

import {capabilities} from 'src/capabilities/all';
import {ApiError} from 'src/client/http';
import styles from 'src/features/playbook_editor/editor.module.css';
import {InlineText} from 'src/features/playbook_editor/inline_text';
import {keptDraft, useKeptDraft} from 'src/features/playbook_editor/kept_draft';
import {useLeaveGuard} from 'src/features/playbook_editor/leave_guard';
import {Permissions} from 'src/features/playbook_editor/permissions';
import {Restored} from 'src/features/playbook_editor/restored';
import {save} from 'src/features/playbook_editor/save';
import {saveAdded, saveAddedOfNew} from 'src/features/playbook_editor/save_added';
import {StagesTab} from 'src/features/playbook_editor/stages_tab';
import {currentUserId} from 'src/host/store';
import {Draft, draftOf, Edit, edit, isSame, toPlaybook} from 'src/playbook/draft';
import {useAction} from 'src/query/use_action';
import {playbookListPath, playbookPath} from 'src/routes';
import {Team} from 'src/types/host_rest';
import {LIMITS} from 'src/types/limits';
import {Playbook} from 'src/types/playbook';
import {Button} from 'src/ui/button';
import {GuardedPart, preload} from 'src/ui/lazy_page';
import {Confirm} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {PageBar} from 'src/ui/page_bar';
import {usePageTitle} from 'src/ui/page_title';
import {Tabs} from 'src/ui/tabs';
import {showToast} from 'src/ui/toast';

interface Props {
    team: Team;

    /** As it was opened; undefined for a new one. */
    playbook?: Playbook;

    /** What the editor starts with. */
    initial: Draft;

    /** Names the playbook among the unsaved ones of this browser tab. */
    draftKey: string;
    notice?: React.ReactNode;
}

const TASKS = 'tasks';
const added = capabilities.flatMap(({editorTab}) => editorTab ?? []);
preload(added.map(({load}) => load));

/** Edits a playbook; nothing is stored before it is saved. */
export function Editor({team, playbook, initial, draftKey, notice}: Props) {
    const {formatMessage} = useIntl();
    const history = useHistory();
    const untitled = formatMessage({id: 'editor.untitled', defaultMessage: 'Untitled Playbook'});
    const me = useSelector(currentUserId);
    const [kept] = useState(() => keptDraft(me, draftKey, playbook !== undefined));
    const [isRestored, setRestored] = useState(kept !== undefined);
    const [draft, dispatch] = useReducer(edit, kept?.draft ?? initial);
    const [opened, setOpened] = useState(kept?.opened ?? playbook);
    const [start, setStart] = useState(() => (kept?.opened ? draftOf(kept.opened) : initial));
    const [tab, setTab] = useState(TASKS);
    const [theirs, setTheirs] = useState<Playbook>();
    const [checked, setChecked] = useState('');
    const [isDeleted, setDeleted] = useState(false);
    const [typing, setTyping] = useState<Edit>();
    const isDirty = typing !== undefined || !isSame(start, draft);
    const unsaved = useMemo(() => (isDirty ? {draft: typing ? edit(draft, typing) : draft, opened} : undefined), [isDirty, typing, draft, opened]);
    const forget = useKeptDraft(me, draftKey, unsaved);
    const guard = useLeaveGuard(isDirty, forget);
    const list = playbookListPath(team.name);
    const mounted = useRef(true);
    useEffect(() => () => {
        mounted.current = false;
    }, []);

    const send = useAction(async (against: Playbook | undefined) => {
        const invalid = added.find(({isValid}) => isValid?.(draft) === false);
        if (invalid) {
            setTheirs(undefined);
            setTab(invalid.key);
            setChecked(invalid.key);
            return;
        }
        const base = against ?? {id: '', team_id: team.id, create_at: 0, delete_at: 0};
        const sent = against ? draft : {...draft, stages: draft.stages.map((stage) => ({...stage, id: '', tasks: stage.tasks.map((task) => ({...task, id: ''}))}))};
        const waiting = against && await saveAdded(added, against.id, draft, dispatch).catch((cause: unknown) => {
            if (!(cause instanceof ApiError && cause.isNotFound)) {
                throw cause;
            }
            // Saving the playbook finds out whether it is gone.
            return undefined;
        });
        if (waiting) {
            setTab(waiting);
            return;
        }
        const result = await save(toPlaybook(sent, base, {
            playbook: untitled,
            stage: formatMessage({id: 'editor.untitled_stage', defaultMessage: 'Untitled Stage'}),
            task: formatMessage({id: 'editor.untitled_task', defaultMessage: 'Untitled Step'}),
        }), against);
        const isLeft = result.kind === 'saved' && !against && await saveAddedOfNew(added, result.id, draft, me).catch(() => {
            showToast(formatMessage({id: 'editor.added_lost', defaultMessage: 'The playbook was saved, but not all of its settings. Look at the tabs of its editor.'}));
            return true;
        });
        if (result.kind === 'saved') {
            forget();
        }
        if (!mounted.current) {
            // The user is elsewhere by now.
            return;
        }
        setTheirs(result.kind === 'conflict' ? result.theirs : undefined);
        setDeleted(result.kind === 'deleted');
        if (result.kind === 'saved') {
            guard.pass();
            if (isLeft) {
                history.replace(playbookPath(team.name, result.id));
            } else {
                history.push(list);
            }
        }
    });
    const tabs = added.filter(({isOffered = () => true}) => isOffered());
    const part = tabs.find(({key}) => key === tab);
    const nobody = draft.memberIds.length === 0;
    const loadTheirs = (fresh: Playbook) => {
        const next = draftOf(fresh);
        setOpened(fresh);
        setStart(next);
        setTheirs(undefined);
        dispatch({type: 'open', draft: next});
    };
    const discard = () => {
        setRestored(false);
        setOpened(playbook);
        setStart(initial);
        dispatch({type: 'open', draft: initial});
    };
    usePageTitle(draft.title.trim() || untitled, team.display_name);
    return (
        <div className={styles.page}>
            <PageBar
                back={list}
                label={formatMessage({id: 'editor.back', defaultMessage: 'Back to the playbooks'})}
            >
                <fieldset
                    className={styles.lock}
                    disabled={send.busy}
                >
                    <div className={styles.heads}>
                        <h1 className={styles.name}>
                            <InlineText
                                id='playbook-name'
                                label={formatMessage({id: 'editor.name', defaultMessage: 'Name of the playbook'})}
                                value={draft.title}
                                placeholder={untitled}
                                limit={LIMITS.playbookTitle}
                                onCommit={(title) => dispatch({type: 'set', values: {title}})}
                                onTyping={(title) => setTyping(title === undefined ? undefined : {type: 'set', values: {title}})}
                            />
                        </h1>
                        <InlineText
                            id='playbook-description'
                            label={formatMessage({id: 'editor.playbook_description_label', defaultMessage: 'Description of the playbook'})}
                            value={draft.description}
                            placeholder={formatMessage({id: 'editor.playbook_description', defaultMessage: 'Playbook description'})}
                            limit={LIMITS.playbookDescription}
                            mayBeBlank={true}
                            onCommit={(description) => dispatch({type: 'set', values: {description}})}
                            onTyping={(description) => setTyping(description === undefined ? undefined : {type: 'set', values: {description}})}
                        />
                    </div>
                </fieldset>
                <Button
                    kind='primary'
                    data-testid='save_playbook'
                    busy={send.busy}
                    disabled={nobody}
                    onClick={() => void send.run(opened)}
                >
                    <FormattedMessage
                        id='editor.save'
                        defaultMessage='Save'
                    />
                </Button>
            </PageBar>
            <div className={styles.notices}>
                {notice}
                {isRestored && <Restored onDiscard={discard}/>}
                {send.error && (
                    <ErrorNotice
                        error={send.error}
                        onRetry={() => void send.run(opened)}
                    >
                        <FormattedMessage
                            id='editor.save_failed'
                            defaultMessage='The playbook was not saved.'
                        />
                    </ErrorNotice>
                )}
                {isDeleted && (
                    <div>
                        <ErrorNotice>
                            <FormattedMessage
                                id='editor.gone'
                                defaultMessage='The playbook was not saved: somebody has deleted it meanwhile, or you may no longer open it.'
                            />
                        </ErrorNotice>
                        <Button
                            busy={send.busy}
                            disabled={nobody}
                            onClick={() => void send.run(undefined)}
                        >
                            <FormattedMessage
                                id='editor.save_new'
                                defaultMessage='Save as a New Playbook'
                            />
                        </Button>
                    </div>
                )}
            </div>
            <fieldset
                className={styles.lock}
                disabled={send.busy}
            >
                <div className={styles.columns}>
                    <div className={styles.main}>
                        <Tabs
                            label={formatMessage({id: 'editor.tabs', defaultMessage: 'Parts of the playbook'})}
                            tabs={[
                                {key: TASKS, text: formatMessage({id: 'editor.tasks', defaultMessage: 'Tasks'})},
                                ...tabs.map(({key, title}) => ({key, text: formatMessage(title)})),
                            ]}
                            active={tab}
                            onChoose={setTab}
                            className={styles.panel}
                        >
                            {part ? (
                                <GuardedPart
                                    key={part.key}
                                    load={part.load}
                                    props={{
                                        teamId: team.id,
                                        playbookId: opened?.id,
                                        draft,
                                        dispatch,
                                        unsaved: draft.added[part.key],
                                        setUnsaved: (value) => dispatch({type: 'set_added', key: part.key, value}),
                                        isChecked: checked === part.key,
                                    }}
                                />
                            ) : (
                                <StagesTab
                                    teamId={team.id}
                                    {...{draft, dispatch}}
                                    onTyping={setTyping}
                                />
                            )}
                        </Tabs>
                    </div>
                    <Permissions
                        teamId={team.id}
                        wasMember={start.memberIds.includes(me)}
                        {...{draft, dispatch}}
                    />
                </div>
            </fieldset>
            {guard.dialog}
            {theirs && (
                <Confirm
                    title={formatMessage({id: 'editor.conflict_title', defaultMessage: 'This playbook was changed meanwhile'})}
                    confirm={formatMessage({id: 'editor.overwrite', defaultMessage: 'Overwrite Their Changes'})}
                    isDangerous={true}
                    busy={send.busy}
                    error={send.error}
                    onConfirm={() => void send.run(theirs)}
                    onCancel={() => setTheirs(undefined)}
                >
                    <p>
                        <FormattedMessage
                            id='editor.conflict_text'
                            defaultMessage='Somebody else has saved changes since you opened it. Saving yours takes theirs back.'
                        />
                    </p>
                    <Button
                        locked={send.busy}
                        onClick={() => loadTheirs(theirs)}
                    >
                        <FormattedMessage
                            id='editor.load_theirs'
                            defaultMessage='Discard Mine, Load Theirs'
                        />
                    </Button>
                </Confirm>
            )}
        </div>
    );
}
