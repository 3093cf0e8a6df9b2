import React, {MouseEvent, useLayoutEffect, useRef, useState} from 'react';
import {useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {markOf, withMarks} from 'src/capabilities/retrospective/marks';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {Sources} from 'src/capabilities/retrospective/sources';
import {Section} from 'src/capabilities/retrospective/types';
import {currentTeamName, HostState} from 'src/host/store';
import {Text} from 'src/people/text';
import {incidentPath} from 'src/routes';
import {basePath} from 'src/site';
import {Incident} from 'src/types/incident';

interface Props {
    incident: Incident;
    section: Section;
}

interface Opened {
    /** Place of the sentence in the section. */
    index: number;
    link: HTMLAnchorElement;
}

const PRIMARY_BUTTON = 0;

/** The text of a section. A number behind a sentence opens what the sentence was made from. */
export function MarkedText({incident, section: {text, sentences}}: Props) {
    const {formatMessage} = useIntl();
    const team = useSelector((state: HostState) => currentTeamName(state));
    const [opened, setOpened] = useState<Opened>();
    const element = useRef<HTMLDivElement>(null);
    const path = `${basePath()}${incidentPath(team, incident.id)}`;
    useLayoutEffect(() => {
        element.current?.querySelectorAll('a').forEach((link) => {
            const index = markOf(link, path);
            if (index !== undefined) {
                link.classList.add(String(styles.mark));
                link.setAttribute('aria-label', formatMessage(
                    {id: 'retrospective.mark', defaultMessage: 'Sources of sentence {n}'},
                    {n: index + 1},
                ));
                link.setAttribute('aria-haspopup', 'dialog');
            }
        });
    });
    const press = (event: MouseEvent) => {
        const link = event.target instanceof Element ? event.target.closest('a') : null;
        const index = link ? markOf(link, path) : undefined;
        if (!link || index === undefined || event.button !== PRIMARY_BUTTON || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
        setOpened(opened?.link === link ? undefined : {index, link});
    };
    const sentence = opened && sentences[opened.index];
    return (
        <>
            {/* The links inside are the controls; this only decides what they open. */}
            <div
                ref={element}
                className={styles.text}
                onClickCapture={press}
            >
                <Text text={withMarks(text, sentences, path)}/>
            </div>
            {opened && sentence && (
                <Sources
                    key={opened.index}
                    {...{incident}}
                    refs={sentence.refs}
                    link={opened.link}
                    onClose={() => setOpened(undefined)}
                />
            )}
        </>
    );
}
