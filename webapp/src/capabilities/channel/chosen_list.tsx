import React, {ReactNode, useRef} from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/capabilities/channel/channel.module.css';
import {Button} from 'src/ui/button';
import {useDomId} from 'src/ui/ids';

interface Props {
    label: string;
    ids: string[];
    render: (id: string) => ReactNode;
    onRemove: (id: string) => void;
}

/** What is chosen, each with a button that removes it. */
export function ChosenList({label, ids, render, onRemove}: Props) {
    const list = useRef<HTMLUListElement>(null);
    const prefix = useDomId('chosen');
    return (
        <ul
            ref={list}
            tabIndex={-1}
            aria-label={label}
            className={styles.list}
        >
            {ids.map((id) => (
                <li key={id}>
                    <span
                        id={`${prefix}-${id}`}
                        className={styles.name}
                    >
                        {render(id)}
                    </span>
                    <Button
                        kind='link'
                        aria-describedby={`${prefix}-${id}`}
                        onClick={() => {
                            onRemove(id);
                            list.current?.focus();
                        }}
                    >
                        <FormattedMessage
                            id='editor.remove_member'
                            defaultMessage='Remove'
                        />
                    </Button>
                </li>
            ))}
        </ul>
    );
}
