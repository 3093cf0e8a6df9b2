import React from 'react';

import {pictureUrl} from 'src/client/host';
import {useDisplayName, useUser} from 'src/store/users';
import styles from 'src/people/people.module.css';
import {User} from 'src/types/host_rest';
import {classes} from 'src/ui/classes';
import {CUT, tellCut} from 'src/ui/cut';

/** A user's round picture; decorative, the name has to stand beside it. */
export function Picture({userId, lastUpdate, size}: {userId: string; lastUpdate?: number; size: number}) {
    return (
        <img
            className={styles.picture}
            src={pictureUrl(userId, lastUpdate)}
            width={size}
            height={size}
            alt=''
            loading='lazy'
        />
    );
}

interface Props {
    id?: string;
    userId: string;

    /** Of the picture, in CSS pixels. */
    size?: number;

    /** Shown until the profile is loaded, or when there is none. */
    fallbackName?: string;
    className?: string;
}

/** Picture and display name of a user, whose profile is loaded when necessary. */
export function Person({id, userId, size = 20, fallbackName = '…', className}: Props) {
    const user = useUser(userId);
    const nameOf = useDisplayName();
    return (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- only gives a cut name its tooltip
        <span
            id={id}
            className={classes('IncidentProfile', className, styles.person)}
            onMouseMove={tellCut}
        >
            <Picture
                userId={userId}
                lastUpdate={user?.last_picture_update}
                size={size}
            />
            <bdi
                className={styles.name}
                {...{[CUT]: true}}
            >
                {user ? nameOf(user) : fallbackName}
            </bdi>
        </span>
    );
}

/** `First Last (nick)`; parts that are empty are left out. */
export function fullName({first_name: first, last_name: last, nickname}: User): string {
    return [first, last, nickname && `(${nickname})`].filter(Boolean).join(' ');
}

/** A user as offered in lists: picture, user name and names. */
export function PersonOption({user, note}: {user: User; note?: string}) {
    return (
        <span className={classes('IncidentProfile', styles.person)}>
            <Picture
                userId={user.id}
                lastUpdate={user.last_picture_update}
                size={32}
            />
            <span className={styles.wholeName}>
                <bdi>{`@${user.username}`}</bdi>
                {' '}
                <span className={styles.details}>
                    <bdi>{fullName(user)}</bdi>
                    {note && ` ${note}`}
                </span>
            </span>
        </span>
    );
}
