import ArrowDown from '@mattermost/compass-icons/components/arrow-down';
import ArrowUp from '@mattermost/compass-icons/components/arrow-up';
import Trash from '@mattermost/compass-icons/components/trash-can-outline';
import React, {useEffect, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/capabilities/retrospective/editor_tab.module.css';
import {newRow, Row} from 'src/capabilities/retrospective/settings_draft';
import {DraftKind, RETROSPECTIVE_LIMITS} from 'src/capabilities/retrospective/types';
import {DRAFT_KINDS, draftKindName, standardText} from 'src/capabilities/retrospective/words';
import {moved} from 'src/store/merge';
import {Button} from 'src/ui/button';
import rowStyles from 'src/ui/editor_rows.module.css';
import {TextArea, TextField} from 'src/ui/field';
import {Icon} from 'src/ui/icon';
import {useDomId} from 'src/ui/ids';
import {announce} from 'src/ui/live_region';

interface Props {
    sections: Row[];
    onChange: (sections: Row[]) => void;
}

/** Questions are typed one to a line. */
const linesOf = (text: string) => text.split('\n').slice(0, RETROSPECTIVE_LIMITS.questions).map((line) => line.slice(0, RETROSPECTIVE_LIMITS.question));

/** The sections of a template, which can be named, moved, added and taken out. */
export function SectionRows({sections, onChange}: Props) {
    const {formatMessage} = useIntl();
    const list = useRef<HTMLOListElement>(null);
    const focusDue = useRef<string>();
    useEffect(() => {
        if (focusDue.current) {
            list.current?.querySelector<HTMLElement>(`[data-row='${focusDue.current}'] input`)?.focus();
            focusDue.current = undefined;
        }
    });
    const add = () => {
        const row = newRow({key: '', heading: '', questions: [], draft: ''});
        focusDue.current = row.row;
        onChange([...sections, row]);
    };
    const move = (from: number, to: number) => {
        onChange(moved(sections, from, to));
        announce(formatMessage({id: 'retrospective.section_moved', defaultMessage: 'The section is now number {place}.'}, {place: to + 1}));
    };
    const remove = (index: number) => {
        focusDue.current = (sections[index + 1] ?? sections[index - 1])?.row;
        onChange(sections.filter((_, at) => at !== index));
    };
    const used = new Set(sections.map(({draft}) => draft));
    return (
        <>
            <ol
                ref={list}
                className={rowStyles.rows}
            >
                {sections.map((section, index) => (
                    <SectionRow
                        key={section.row}
                        {...{section, used, index}}
                        count={sections.length}
                        onChange={(values) => onChange(sections.map((one) => (one === section ? {...one, ...values} : one)))}
                        onMove={(to) => move(index, to)}
                        onRemove={() => remove(index)}
                    />
                ))}
            </ol>
            <Button
                disabled={sections.length >= RETROSPECTIVE_LIMITS.sections}
                onClick={add}
            >
                <FormattedMessage
                    id='retrospective.add_section'
                    defaultMessage='Add a Section'
                />
            </Button>
        </>
    );
}

interface RowProps {
    section: Row;
    index: number;
    count: number;

    /** What is generated into any of the sections: each once. */
    used: Set<DraftKind>;
    onChange: (values: Partial<Row>) => void;
    onMove: (to: number) => void;
    onRemove: () => void;
}

function SectionRow({section, index, count, used, onChange, onMove, onRemove}: RowProps) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const draftId = useDomId('draft');
    const {heading, questions, draft} = section;
    const name = standardText(intl, heading) || formatMessage({id: 'retrospective.section_unnamed', defaultMessage: 'new section'});
    return (
        <li
            className={rowStyles.row}
            data-row={section.row}
        >
            <div className={rowStyles.fields}>
                <TextField
                    label={formatMessage({id: 'retrospective.section_heading', defaultMessage: 'Heading of section {n}'}, {n: index + 1})}
                    limit={RETROSPECTIVE_LIMITS.heading}
                    value={standardText(intl, heading)}
                    error={heading.trim() === '' && formatMessage({id: 'retrospective.section_no_heading', defaultMessage: 'The section needs a heading.'})}
                    onChange={(event) => onChange({heading: event.target.value})}
                />
                <TextArea
                    label={formatMessage({id: 'retrospective.section_questions', defaultMessage: 'Questions, one to a line'})}
                    rows={Math.max(2, questions.length + 1)}
                    value={questions.map((question) => standardText(intl, question)).join('\n')}
                    onChange={(event) => onChange({questions: linesOf(event.target.value)})}
                />
                <div>
                    <label
                        htmlFor={draftId}
                        className={styles.label}
                    >
                        <FormattedMessage
                            id='retrospective.section_draft'
                            defaultMessage='What is generated into it'
                        />
                    </label>
                    <select
                        id={draftId}
                        className={styles.select}
                        value={draft}
                        onChange={(event) => onChange({draft: event.target.value as DraftKind})}
                    >
                        <option value=''>{formatMessage({id: 'retrospective.section_nothing', defaultMessage: 'Nothing'})}</option>
                        {DRAFT_KINDS.map((kind) => (
                            <option
                                key={kind}
                                value={kind}
                                disabled={kind !== draft && used.has(kind)}
                            >
                                {formatMessage(draftKindName(kind))}
                            </option>
                        ))}
                    </select>
                </div>
            </div>
            <div className={styles.rowActions}>
                <Button
                    kind='icon'
                    locked={index === 0}
                    aria-label={formatMessage({id: 'retrospective.section_up', defaultMessage: 'Move up: {name}'}, {name})}
                    onClick={() => onMove(index - 1)}
                >
                    <Icon of={ArrowUp}/>
                </Button>
                <Button
                    kind='icon'
                    locked={index === count - 1}
                    aria-label={formatMessage({id: 'retrospective.section_down', defaultMessage: 'Move down: {name}'}, {name})}
                    onClick={() => onMove(index + 1)}
                >
                    <Icon of={ArrowDown}/>
                </Button>
                <Button
                    kind='icon'
                    disabled={count === 1}
                    aria-label={formatMessage({id: 'retrospective.section_remove', defaultMessage: 'Take out: {name}'}, {name})}
                    onClick={onRemove}
                >
                    <Icon of={Trash}/>
                </Button>
            </div>
        </li>
    );
}
