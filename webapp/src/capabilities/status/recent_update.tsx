import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/status/recent_update.module.css';
import {UPDATE_FAILED, useUpdate} from 'src/capabilities/status/use_update';
import {sidebar} from 'src/host/sidebar';
import {isNarrow} from 'src/host/window';
import {SidebarSection} from 'src/incident/sidebar_parts';
import {Picture} from 'src/people/person';
import {Text} from 'src/people/text';
import {postPath} from 'src/routes';
import {usePost} from 'src/store/posts';
import {useDisplayName, useUser} from 'src/store/users';
import {Post} from 'src/types/host_rest';
import {Incident, StatusPost} from 'src/types/incident';
import {Button, Expander} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {InnerLink} from 'src/ui/inner_link';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {useCalendarTime} from 'src/ui/time';

/** Height in CSS pixels up to which an update is shown whole. */
const FULL_HEIGHT = 277;

/** The newest status update that was not deleted. */
function newestStatusPost({status_posts: posts}: Incident): StatusPost | undefined {
    return (posts ?? []).filter((post) => post.delete_at === 0).
        reduce<StatusPost | undefined>((newest, post) => (newest && newest.create_at > post.create_at ? newest : post), undefined);
}

/** Whether the element's content is higher than FULL_HEIGHT; measured when its size changes, not otherwise. */
function useIsLong(text: string) {
    const element = useRef<HTMLDivElement>(null);
    const [isLong, setLong] = useState(false);
    useEffect(() => {
        const node = element.current;
        const measure = () => setLong((node?.scrollHeight ?? 0) > FULL_HEIGHT);
        measure();
        if (!node || typeof ResizeObserver === 'undefined') {
            window.addEventListener('resize', measure);
            return () => window.removeEventListener('resize', measure);
        }
        const observer = new ResizeObserver(measure);
        observer.observe(node);
        return () => observer.disconnect();
    }, [text]);
    return {element, isLong};
}

const closeIfNarrow = () => {
    if (isNarrow()) {
        sidebar.close();
    }
};

function Update({post}: {post: Post}) {
    const user = useUser(post.user_id);
    const nameOf = useDisplayName();
    const time = useCalendarTime(post.create_at);
    const {element, isLong} = useIsLong(post.message);
    const [isOpen, setOpen] = useState(false);
    return (
        <div className={classes('UpdateSection-post', styles.update)}>
            <div className={styles.head}>
                <Picture
                    userId={post.user_id}
                    lastUpdate={user?.last_picture_update}
                    size={32}
                />
                <bdi className={styles.author}>{user ? nameOf(user) : '…'}</bdi>
                <InnerLink
                    to={postPath(post.id)}
                    className={styles.time}
                    onClick={closeIfNarrow}
                >
                    {time}
                </InnerLink>
            </div>
            <div className={classes(styles.body, isLong && !isOpen && styles.cut)}>
                <div ref={element}>
                    <Text text={post.message}/>
                    {post.edit_at > 0 && (
                        <span className={styles.muted}>
                            <FormattedMessage
                                id='update.edited'
                                defaultMessage='(edited)'
                            />
                        </span>
                    )}
                </div>
            </div>
            {isLong && (
                <Expander
                    isOpen={isOpen}
                    setOpen={setOpen}
                />
            )}
        </div>
    );
}

/** The newest status update that was not deleted. */
export default function RecentUpdate({incident}: IncidentProps) {
    const {formatMessage} = useIntl();
    const update = useUpdate();
    const {post, error, retry} = usePost(newestStatusPost(incident)?.id ?? '');
    const newest = newestStatusPost(incident);
    let content;
    if (!newest) {
        content = incident.is_active ? (
            <FormattedMessage
                id='update.none'
                defaultMessage='Nobody has posted an update yet. <link>Click here</link> to post the first one.'
                values={{
                    link: (text) => (
                        <Button
                            key='link'
                            kind='link'
                            busy={update.busy}
                            onClick={() => void update.run()}
                        >
                            {text}
                        </Button>
                    ),
                }}
            />
        ) : formatMessage({id: 'update.none_ended', defaultMessage: 'There was no update.'});
    } else if (post) {
        content = <Update post={post}/>;
    } else if (error) {
        content = (
            <ErrorNotice
                error={error}
                onRetry={retry}
            >
                <FormattedMessage
                    id='update.failed'
                    defaultMessage='The update could not be loaded.'
                />
            </ErrorNotice>
        );
    } else {
        content = <Loading/>;
    }
    return (
        <SidebarSection
            title={(
                <FormattedMessage
                    id='update.title'
                    defaultMessage='Recent Update:'
                />
            )}
        >
            <div id='incidentRHSUpdates'>{content}</div>
            {update.error && (
                <ErrorNotice error={update.error}>
                    <FormattedMessage {...UPDATE_FAILED}/>
                </ErrorNotice>
            )}
        </SidebarSection>
    );
}
