import React, {useEffect, useState} from 'react';

import {client} from '../client';
import {is2026} from '../frame';
import {store} from '../store';
import {displayName, nameSetting} from '../store/selectors';
import type {DialogElement} from '../types';

import type {DialogValue} from './dialog_values';
import {SuggestionList} from './suggestion_list';
import type {Suggestion} from './suggestions';

type Option = {text: string; value: string};

type Props = {
    element: DialogElement;
    value: DialogValue | undefined;
    error: string | undefined;
    autoFocus: boolean;
    onChange: (value: DialogValue) => void;
};

async function loadOptions(element: DialogElement, term: string): Promise<Option[]> {
    const teamId = store.getState().entities.teams.currentTeamId;
    if (element.data_source === 'users') {
        const users = await (term ? client.userSearch({term, team_id: teamId, limit: 20}) : client.usersInTeam(teamId));
        return users.map((user) => ({text: displayName(user, nameSetting(store.getState())), value: user.id}));
    }
    if (element.data_source === 'channels') {
        const channels = await client.channelAutocomplete(teamId, term);
        return channels.map((channel) => ({text: channel.display_name, value: channel.id}));
    }
    const wanted = term.toLowerCase();
    return (element.options ?? []).filter((one) => one.text.toLowerCase().includes(wanted));
}

/** A text field whose list narrows while one types. */
function Select({element, value, autoFocus, onChange, describedBy}: Omit<Props, 'error'> & {describedBy: string}) {
    const known = element.options?.find((one) => one.value === value)?.text ?? '';
    const [chosen, setChosen] = useState(known);
    const [term, setTerm] = useState<string | null>(null);
    const [options, setOptions] = useState<Option[]>([]);
    const [selected, setSelected] = useState(0);
    const open = term !== null;

    useEffect(() => {
        if (term === null) {
            return undefined;
        }
        let stale = false;
        loadOptions(element, term).then((found) => {
            if (!stale) {
                setOptions(found);
                setSelected(0);
            }
        }).catch((error) => console.warn(error));
        return () => {
            stale = true;
        };
    }, [element, term]);

    const choose = (option: Option | undefined) => {
        if (option) {
            setChosen(option.text);
            onChange(option.value);
        }
        setTerm(null);
    };
    const items: Suggestion[] = options.map((one) => ({key: one.value, result: one.value, title: one.text}));

    return (
        <div
            id={is2026 ? `MultiInput_${element.name}` : undefined}
            className='select-suggestion-container'
        >
            <input
                id={element.name}
                type='text'
                role='combobox'
                className='form-control'
                autoComplete='off'
                autoFocus={autoFocus}
                placeholder={element.placeholder || 'Select an option...'}
                aria-expanded={open}
                aria-controls='suggestionList'
                aria-activedescendant={open && items.length > 0 ? `suggestion_${selected}` : undefined}
                aria-describedby={describedBy}
                value={term ?? chosen}
                onClick={() => setTerm('')}
                onChange={(event) => setTerm(event.target.value)}
                onBlur={() => setTerm(null)}
                onKeyDown={(event) => {
                    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                        const step = event.key === 'ArrowDown' ? 1 : Math.max(options.length - 1, 1);
                        setTerm(term ?? '');
                        setSelected(open && options.length > 0 ? (selected + step) % options.length : 0);
                        event.preventDefault();
                    } else if (open && (event.key === 'Enter' || event.key === 'Tab')) {
                        choose(options[selected]);
                        if (event.key === 'Enter') {
                            event.preventDefault();
                        }
                    } else if (open && event.key === 'Escape') {
                        setTerm(null);
                        event.stopPropagation();
                        event.nativeEvent.stopImmediatePropagation();
                    }
                }}
            />
            <i className='icon icon-chevron-down select-suggestion-container__arrow'/>
            {open ? (
                <SuggestionList
                    items={items}
                    selected={selected}
                    position='bottom'
                    optionId={is2026 ? `react-select-${element.name}-option-` : undefined}
                    empty='No items match'
                    onHover={setSelected}
                    onChoose={(item) => choose(options.find((one) => one.value === item.key))}
                />
            ) : null}
        </div>
    );
}

function Control(props: Omit<Props, 'error'> & {describedBy: string}) {
    const {element, value, autoFocus, onChange, describedBy} = props;
    const type = ['email', 'number', 'password', 'tel', 'url'].includes(element.subtype) ? element.subtype : 'input';
    switch (element.type) {
    case 'select':
        return <Select {...props}/>;
    case 'bool':
        return (
            <label className='checkbox-inline'>
                <input
                    id={element.name}
                    type='checkbox'
                    checked={value === true}
                    onChange={(event) => onChange(event.target.checked)}
                />
                {element.placeholder}
            </label>
        );
    case 'radio':
        return (
            <div role='radiogroup'>
                {element.options?.map((one) => (
                    <label
                        key={one.value}
                        className='radio-inline'
                    >
                        <input
                            type='radio'
                            name={element.name}
                            value={one.value}
                            checked={value === one.value}
                            onChange={() => onChange(one.value)}
                        />
                        {one.text}
                    </label>
                ))}
            </div>
        );
    case 'textarea':
        return (
            <textarea
                id={element.name}
                data-testid={`${element.name}input`}
                className='form-control'
                dir='auto'
                rows={5}
                autoFocus={autoFocus}
                placeholder={element.placeholder}
                maxLength={element.max_length || 3000}
                aria-describedby={describedBy}
                value={String(value ?? '')}
                onChange={(event) => onChange(event.target.value)}
            />
        );
    default:
        return (
            <input
                id={element.name}
                data-testid={element.name + type}
                className='form-control'
                dir='auto'
                type={type === 'input' ? 'text' : type}
                autoFocus={autoFocus}
                placeholder={element.placeholder}
                maxLength={element.max_length || 150}
                aria-describedby={describedBy}
                value={String(value ?? '')}
                onChange={(event) => onChange(event.target.value)}
            />
        );
    }
}

export function DialogField({error, ...props}: Props) {
    const {element} = props;
    const noteId = `${element.name}-note`;
    return (
        <div
            data-testid={element.type === 'select' && !is2026 ? 'autoCompleteSelector' : element.name}
            className={`form-group ${error ? 'has-error' : ''}`}
        >
            <label
                className='control-label'
                htmlFor={element.name}
            >
                {element.display_name}
                {element.optional || element.type === 'bool' ?
                    <span className='light'> (optional)</span> : <span className='error-text'> *</span>}
            </label>
            <Control
                {...props}
                describedBy={noteId}
            />
            <div
                id={noteId}
                className='help-text'
            >
                {element.help_text}
                {error ? <div className='error-text'>{error}</div> : null}
            </div>
        </div>
    );
}
