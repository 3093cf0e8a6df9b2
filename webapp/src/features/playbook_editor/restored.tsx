import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/features/playbook_editor/editor.module.css';
import {Button} from 'src/ui/button';

/** Says that the editor shows changes that were made before a reload and are not saved. */
export function Restored({onDiscard}: {onDiscard: () => void}) {
    return (
        <div
            role='status'
            className={styles.restored}
        >
            <FormattedMessage
                id='editor.restored'
                defaultMessage='Your changes from before were kept. They are not saved yet.'
            />
            <Button
                kind='quiet'
                onClick={onDiscard}
            >
                <FormattedMessage
                    id='editor.restored_discard'
                    defaultMessage='Discard Them'
                />
            </Button>
        </div>
    );
}
