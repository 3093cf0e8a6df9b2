import React, {useEffect, useRef} from 'react';

import type {Suggestion} from './suggestions';

type Props = {
    items: Suggestion[];
    selected: number;
    position: 'top' | 'bottom';
    onChoose: (item: Suggestion) => void;
    onHover: (index: number) => void;
    empty?: string;

    /** Start of the ids of the options, where the list is not that of a text box. */
    optionId?: string;
};

/** The list under or over a text field. Focus stays in the field. */
export function SuggestionList({items, selected, position, onChoose, onHover, empty, optionId}: Props) {
    const list = useRef<HTMLDivElement>(null);
    useEffect(() => {
        list.current?.children[selected]?.scrollIntoView({block: 'nearest'});
    }, [selected]);
    return (
        <div className={`suggestion-list suggestion-list--${position}`}>
            <div
                id={optionId ? undefined : 'suggestionList'}
                className='suggestion-list__content'
                role='listbox'
                aria-label='Suggestions'
                ref={list}
            >
                {items.map((item, index) => (
                    <div
                        key={item.key}
                        id={(optionId ?? 'suggestion_') + index}
                        role='option'
                        aria-selected={index === selected}
                        className={`suggestion-list__item ${index === selected ? 'suggestion--selected' : ''}`}
                        onMouseDown={(event) => {
                            event.preventDefault();
                            onChoose(item);
                        }}
                        onMouseEnter={() => onHover(index)}
                    >
                        <span className='suggestion__title'>{item.title}</span>
                        {item.hint ? <span className='suggestion__hint'>{item.hint}</span> : null}
                        {item.description ? <div className='suggestion__description'>{item.description}</div> : null}
                    </div>
                ))}
                {items.length === 0 && empty ? <div className='suggestion__none'>{empty}</div> : null}
            </div>
        </div>
    );
}
