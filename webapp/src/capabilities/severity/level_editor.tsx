import React, {useEffect, useState} from 'react';
import {IntlShape, useIntl} from 'react-intl';

import styles from 'src/capabilities/severity/editor_tab.module.css';
import {LevelBadge} from 'src/capabilities/severity/level_badge';
import {LevelProblems, problemsOf} from 'src/capabilities/severity/problems';
import {LEVEL_COLORS, LevelColor, SEVERITY_LIMITS, SeverityLevel} from 'src/types/severity';
import {classes} from 'src/ui/classes';
import {DurationSelect} from 'src/ui/duration_select';
import {TextField} from 'src/ui/field';
import fieldStyles from 'src/ui/field.module.css';
import {useDomId} from 'src/ui/ids';
import {DotsMenu} from 'src/ui/menu';
import {Reorder, ReorderHandle} from 'src/ui/reorder';

interface Props {
    id: string;
    level: SeverityLevel;
    levels: SeverityLevel[];
    start: Reorder['start'];
    step: Reorder['step'];
    isFirst: boolean;
    isLast: boolean;
    isDragged: boolean;

    /** Just added by the user. */
    isNew: boolean;

    /** Tells what is missing, also where nothing was typed yet. */
    isChecked: boolean;
    onChange: (values: Partial<SeverityLevel>) => void;
    onRemove: () => void;
}

function keyText({formatMessage}: IntlShape, problem: LevelProblems['key']): string | undefined {
    switch (problem) {
    case 'missing':
        return formatMessage({id: 'severity.key_missing', defaultMessage: 'Say how the level is called in short, such as SEV1.'});
    case 'form':
        return formatMessage({id: 'severity.key_form', defaultMessage: 'Only letters without accents, digits, “-” and “_”, at most {limit}.'}, {limit: SEVERITY_LIMITS.key});
    case 'twice':
        return formatMessage({id: 'severity.key_twice', defaultMessage: 'Another level has this key.'});
    default:
        return undefined;
    }
}

function colorNames({formatMessage}: IntlShape): Record<LevelColor, string> {
    return {
        red: formatMessage({id: 'severity.red', defaultMessage: 'Red'}),
        orange: formatMessage({id: 'severity.orange', defaultMessage: 'Orange'}),
        yellow: formatMessage({id: 'severity.yellow', defaultMessage: 'Yellow'}),
        green: formatMessage({id: 'severity.green', defaultMessage: 'Green'}),
        blue: formatMessage({id: 'severity.blue', defaultMessage: 'Blue'}),
        purple: formatMessage({id: 'severity.purple', defaultMessage: 'Purple'}),
        grey: formatMessage({id: 'severity.grey', defaultMessage: 'Grey'}),
    };
}

/**
 * The fields of one level. No key, and that of another level, may only be on the way to another key. They are taken over when the field is left, and
 * what is wrong with a key is told then.
 */
export function LevelEditor({id, level, levels, start, step, isFirst, isLast, isDragged, isNew, isChecked, onChange, onRemove}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const colorId = useDomId('color');
    const [key, setKey] = useState(level.key);
    useEffect(() => setKey(level.key), [level.key]);
    const [isTyping, setTyping] = useState(false);
    const [isLeft, setLeft] = useState(false);
    const problems = problemsOf(level, levels);
    const name = level.key || formatMessage({id: 'severity.no_key', defaultMessage: 'without a key'});
    const names = colorNames(intl);
    return (
        <div
            role='listitem'
            aria-label={formatMessage({id: 'severity.level', defaultMessage: 'Level {key}'}, {key: name})}
            data-reorder-id={id}
            className={classes(styles.level, isDragged && styles.dragged)}
        >
            <ReorderHandle
                {...{id, start, step}}
                label={formatMessage({id: 'severity.move', defaultMessage: 'Move the level {key}'}, {key: name})}
            />
            <div className={styles.fields}>
                <div className={styles.short}>
                    <TextField
                        label={formatMessage({id: 'severity.key', defaultMessage: 'Key'})}
                        limit={SEVERITY_LIMITS.key}
                        value={key}
                        autoFocus={isNew}
                        error={isTyping && !isChecked ? undefined : keyText(intl, problems.key)}
                        onChange={({target}) => {
                            setKey(target.value);
                            setTyping(true);
                            const typed = {key: target.value.trim()};
                            const next = {...level, ...typed};
                            const problem = problemsOf(next, levels.map((one) => (one === level ? next : one))).key;
                            if (problem === undefined || problem === 'form') {
                                onChange(typed);
                            }
                        }}
                        onBlur={() => {
                            setTyping(false);
                            onChange({key: key.trim()});
                        }}
                    />
                    <TextField
                        label={formatMessage({id: 'severity.name', defaultMessage: 'Name'})}
                        limit={SEVERITY_LIMITS.name}
                        value={level.name}
                        error={problems.name && (isChecked || isLeft) ? formatMessage({id: 'severity.name_missing', defaultMessage: 'Give the level a name, such as Critical.'}) : undefined}
                        onChange={(event) => onChange({name: event.target.value})}
                        onBlur={() => setLeft(true)}
                    />
                </div>
                <TextField
                    label={formatMessage({id: 'severity.description', defaultMessage: 'When to choose it'})}
                    limit={SEVERITY_LIMITS.description}
                    value={level.description}
                    onChange={(event) => onChange({description: event.target.value})}
                />
                <div className={styles.short}>
                    <div className={fieldStyles.field}>
                        <label
                            htmlFor={colorId}
                            className={fieldStyles.label}
                        >
                            {formatMessage({id: 'severity.color', defaultMessage: 'Color'})}
                        </label>
                        <div className={styles.color}>
                            <select
                                id={colorId}
                                className={fieldStyles.select}
                                value={level.color}
                                onChange={(event) => onChange({color: event.target.value as LevelColor})}
                            >
                                {LEVEL_COLORS.map((color) => (
                                    <option
                                        key={color}
                                        value={color}
                                    >
                                        {names[color]}
                                    </option>
                                ))}
                            </select>
                            <span
                                className={styles.preview}
                                aria-hidden={true}
                            >
                                {level.key && <LevelBadge level={level}/>}
                            </span>
                        </div>
                    </div>
                    <DurationSelect
                        label={formatMessage({id: 'severity.interval', defaultMessage: 'Status updates are due every'})}
                        none={formatMessage({id: 'severity.no_interval', defaultMessage: 'No rule'})}
                        value={level.update_seconds}
                        onChange={(seconds) => onChange({update_seconds: seconds})}
                    />
                </div>
            </div>
            <DotsMenu
                label={formatMessage({id: 'severity.actions', defaultMessage: 'Actions for the level {key}'}, {key: name})}
                entries={[
                    ...(isFirst ? [] : [{key: 'up', text: formatMessage({id: 'editor.up', defaultMessage: 'Move Up'}), onChoose: () => step(id, -1)}]),
                    ...(isLast ? [] : [{key: 'down', text: formatMessage({id: 'editor.down', defaultMessage: 'Move Down'}), onChoose: () => step(id, 1)}]),
                    {key: 'remove', text: formatMessage({id: 'severity.remove', defaultMessage: 'Remove Level'}), isDangerous: true, onChoose: onRemove},
                ]}
            />
        </div>
    );
}
