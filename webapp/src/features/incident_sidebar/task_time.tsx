import React from 'react';

import styles from 'src/features/incident_sidebar/tasks.module.css';
import {sidebar} from 'src/host/sidebar';
import {isNarrow} from 'src/host/window';
import {postPath} from 'src/routes';
import {Task} from 'src/types/incident';
import {InnerLink} from 'src/ui/inner_link';
import {isTime, useCalendarTime} from 'src/ui/time';

/** When the task was finished, as a link to the post that says so. */
export function TaskTime({task}: {task: Task}) {
    const time = useCalendarTime(task.state_modified);
    if (!isTime(task.state_modified)) {
        return null;
    }
    const text = `(${time})`;
    if (!task.state_modified_post_id) {
        return <span className={styles.time}>{text}</span>;
    }
    return (
        <InnerLink
            to={postPath(task.state_modified_post_id)}
            className={styles.time}
            onClick={() => isNarrow() && sidebar.close()}
        >
            {text}
        </InnerLink>
    );
}
