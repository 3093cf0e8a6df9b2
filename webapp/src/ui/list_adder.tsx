import React, {useCallback} from 'react';

import {Button} from 'src/ui/button';
import {useLateChoices} from 'src/ui/late_choice';
import {Picker, PickerProps} from 'src/ui/picker';
import {PopupFrame, usePopup} from 'src/ui/popup';

interface Props<T> extends Pick<PickerProps<T>, 'load' | 'search' | 'keyOf' | 'render'> {
    /** Text of the button, and name of the list. */
    label: string;

    /** Whether an option can be added; has to be the same function as long as the same can. */
    isOffered: (option: T) => boolean;

    /** Nothing can be added for the moment. The button keeps the focus, which the choice of the last possible option has given it. */
    disabled?: boolean;
    onAdd: (option: T) => void;
}

/** A button that opens a list from which one thing at a time is added to others. */
export function ListAdder<T>({label, load, search, keyOf, render, isOffered, disabled, onAdd}: Props<T>) {
    const popup = usePopup();
    const lateChoices = useLateChoices(onAdd, {isMultiple: true});
    const loadOffered = useCallback(async (page: number, signal: AbortSignal) => {
        const {options, hasMore} = await load(page, signal);
        return {options: options.filter(isOffered), hasMore};
    }, [load, isOffered]);
    return (
        <PopupFrame
            popup={popup}
            opener={(
                <Button
                    aria-haspopup='listbox'
                    aria-expanded={popup.isOpen}
                    locked={disabled}
                    onClick={popup.toggle}
                >
                    {label}
                </Button>
            )}
        >
            <Picker<T>
                label={label}
                placeholder={label}
                load={loadOffered}
                search={async (term, signal) => (await search(term, signal)).filter(isOffered)}
                keyOf={keyOf}
                render={render}
                onChoose={(option) => {
                    popup.close();
                    onAdd(option);
                }}
                lateChoices={lateChoices}
            />
        </PopupFrame>
    );
}
