import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {SectionText} from 'src/capabilities/retrospective/section_text';
import {Section} from 'src/capabilities/retrospective/types';
import {Person} from 'src/people/person';
import {Text} from 'src/people/text';
import {Button} from 'src/ui/button';
import {DateTime} from 'src/ui/time';

/** Shows what somebody else has made of a section while the user was typing, and has the user choose. */
export function Conflict({theirs, mine}: {theirs: Section; mine: SectionText}) {
    return (
        <div
            className={styles.conflict}
            data-testid='retrospective-conflict'
        >
            <p role='alert'>
                <strong>
                    <FormattedMessage
                        id='retrospective.conflict'
                        defaultMessage='Somebody else has changed this section while you were typing.'
                    />
                </strong>
                {' '}
                <FormattedMessage
                    id='retrospective.conflict_text'
                    defaultMessage='Nothing is saved before you choose. You can also copy from their text into yours first.'
                />
            </p>
            <p className={styles.muted}>
                <FormattedMessage
                    id='retrospective.conflict_by'
                    defaultMessage='The text of {person}, {time}:'
                    values={{
                        person: (
                            <Person
                                key='person'
                                userId={theirs.updated_by_id}
                                size={16}
                            />
                        ),
                        time: <DateTime at={theirs.update_at}/>,
                    }}
                />
            </p>
            <div className={styles.theirs}>
                {theirs.text.trim() ? <Text text={theirs.text}/> : (
                    <span className={styles.muted}>
                        <FormattedMessage
                            id='retrospective.conflict_empty'
                            defaultMessage='They have deleted the text.'
                        />
                    </span>
                )}
            </div>
            <div className={styles.conflictActions}>
                <Button onClick={() => mine.keepMine()}>
                    <FormattedMessage
                        id='retrospective.keep_mine'
                        defaultMessage='Replace It With Mine'
                    />
                </Button>
                <Button onClick={() => mine.takeTheirs()}>
                    <FormattedMessage
                        id='retrospective.take_theirs'
                        defaultMessage='Take Theirs, Put Mine Aside'
                    />
                </Button>
            </div>
        </div>
    );
}
