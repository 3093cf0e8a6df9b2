import React, {useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {EditorTabProps} from 'src/capabilities/capability';
import {LevelEditor} from 'src/capabilities/severity/level_editor';
import {idOf, Levels, withChanged, withMoved, withNew, without} from 'src/capabilities/severity/levels';
import styles from 'src/capabilities/severity/editor_tab.module.css';
import {usualLevels} from 'src/playbook/usual_levels';
import {PlaybookSeverity, SEVERITY_LIMITS, SeverityLevel} from 'src/types/severity';
import {Button} from 'src/ui/button';
import fieldStyles from 'src/ui/field.module.css';
import {useDomId} from 'src/ui/ids';
import {isolated} from 'src/ui/isolated';
import {useReorder} from 'src/ui/reorder';

const NONE: PlaybookSeverity = {levels: [], default: ''};

/** How severe the incidents of the playbook can be. */
export default function SeverityTab({draft, dispatch, isChecked}: EditorTabProps) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const severity = draft.own.severity ?? NONE;
    const {levels} = severity;
    const [newest, setNewest] = useState('');
    const adder = useRef<HTMLButtonElement>(null);
    const defaultId = useDomId('default-severity');
    const set = (next: Levels) => dispatch({type: 'set_own', values: {severity: next}});
    const ids = levels.map(idOf);
    const {drag, containerRef, start, step} = useReorder({ids, onMove: (id, to) => set(withMoved(severity, id, to))});
    const rows = (id: string) => [...containerRef.current?.querySelectorAll<HTMLElement>('[data-reorder-id]') ?? []].find(({dataset}) => dataset.reorderId === id);
    const add = () => {
        const next = withNew(draft.own.severity);
        const added = next?.levels[next.levels.length - 1];
        setNewest(added ? idOf(added) : '');
        set(next);
    };
    const remove = (level: SeverityLevel) => {
        const at = levels.indexOf(level);
        const neighbour = levels[at + 1] ?? levels[at - 1];
        set(without(severity, level));
        window.setTimeout(() => ((neighbour && rows(idOf(neighbour))?.querySelector<HTMLElement>('input')) ?? adder.current)?.focus());
    };
    const isFull = levels.length >= SEVERITY_LIMITS.levels;
    return (
        <div className={styles.tab}>
            <p className={styles.hint}>
                <FormattedMessage
                    id='severity.editor_text'
                    defaultMessage='Incidents of this playbook have one of these levels; the worst stands first. An incident that is going on keeps the levels it was started with.'
                />
            </p>
            <div
                ref={containerRef}
                role='list'
                className={styles.levels}
            >
                {levels.map((level, index) => (
                    <LevelEditor
                        key={idOf(level)}
                        id={idOf(level)}
                        {...{level, levels, start, step, isChecked}}
                        isNew={newest === idOf(level)}
                        isDragged={drag?.id === idOf(level)}
                        isFirst={index === 0}
                        isLast={index === levels.length - 1}
                        onChange={(values) => set(withChanged(severity, level, values))}
                        onRemove={() => remove(level)}
                    />
                ))}
            </div>
            <div className={styles.buttons}>
                <Button
                    ref={adder}
                    disabled={isFull}
                    onClick={add}
                >
                    <FormattedMessage
                        id='severity.add'
                        defaultMessage='Add a Level'
                    />
                </Button>
                {levels.length === 0 && (
                    <Button
                        kind='quiet'
                        onClick={() => {
                            set(usualLevels(intl));
                            adder.current?.focus();
                        }}
                    >
                        <FormattedMessage
                            id='severity.usual'
                            defaultMessage='Use the Usual Four'
                        />
                    </Button>
                )}
            </div>
            <div role='status'>
                {isFull && (
                    <p className={styles.hint}>
                        <FormattedMessage
                            id='severity.full'
                            defaultMessage='A playbook has at most {limit} levels.'
                            values={{limit: SEVERITY_LIMITS.levels}}
                        />
                    </p>
                )}
            </div>
            {levels.length > 0 && (
                <div className={styles.default}>
                    <label
                        htmlFor={defaultId}
                        className={fieldStyles.label}
                    >
                        <FormattedMessage
                            id='severity.default'
                            defaultMessage='Incidents start with'
                        />
                    </label>
                    <select
                        id={defaultId}
                        className={fieldStyles.select}
                        value={severity.default}
                        onChange={(event) => set({...severity, default: event.target.value})}
                    >
                        <option value=''>{formatMessage({id: 'severity.no_default', defaultMessage: 'No level until one is chosen'})}</option>
                        {levels.filter(({key}) => key).map((level) => (
                            <option
                                key={idOf(level)}
                                value={level.key}
                            >
                                {[level.key, isolated(level.name)].filter(Boolean).join(' – ')}
                            </option>
                        ))}
                    </select>
                </div>
            )}
        </div>
    );
}
