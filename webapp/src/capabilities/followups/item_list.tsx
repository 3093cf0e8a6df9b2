import React, {useRef} from 'react';

import {Actions, DoneBox, ItemMenu, Title} from 'src/capabilities/followups/actions';
import styles from 'src/capabilities/followups/followups.module.css';
import {ClosedBadge, Due, Owner, TrackerLink} from 'src/capabilities/followups/parts';
import {FollowUp} from 'src/capabilities/followups/types';
import {useKeptFocus} from 'src/capabilities/followups/use_kept_focus';

interface Props {
    label: string;
    items: FollowUp[];
    actions: Actions;
}

/** Follow-ups of one incident. */
export function ItemList({label, items, actions}: Props) {
    const list = useRef<HTMLUListElement>(null);
    return (
        <ul
            ref={list}
            aria-label={label}
            className={styles.list}
            tabIndex={-1}
            {...useKeptFocus(list)}
        >
            {items.map((item) => (
                <li
                    key={item.id}
                    className={styles.item}
                    data-followup={item.id}
                    data-testid='followup'
                >
                    <DoneBox {...{item, actions}}/>
                    <div className={styles.body}>
                        <Title {...{item, actions}}/>
                        <div className={styles.meta}>
                            <ClosedBadge item={item}/>
                            {item.owner_id && <Owner item={item}/>}
                            <Due item={item}/>
                            <TrackerLink item={item}/>
                        </div>
                        {item.reason && (
                            <div
                                className={styles.muted}
                                dir='auto'
                            >
                                {item.reason}
                            </div>
                        )}
                    </div>
                    <ItemMenu {...{item, actions}}/>
                </li>
            ))}
        </ul>
    );
}
