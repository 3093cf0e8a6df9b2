import React from 'react';
import {useIntl} from 'react-intl';

import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {Section} from 'src/capabilities/retrospective/types';
import {standardText} from 'src/capabilities/retrospective/words';

/** The questions that a section answers. */
export function Questions({questions}: Pick<Section, 'questions'>) {
    const intl = useIntl();
    return questions.length > 0 ? (
        <ul className={styles.questions}>
            {questions.map((question) => <li key={question}><bdi>{standardText(intl, question)}</bdi></li>)}
        </ul>
    ) : null;
}
