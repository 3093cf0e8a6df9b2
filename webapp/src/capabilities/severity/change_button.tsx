import React, {useState} from 'react';
import {FormattedMessage} from 'react-intl';

import {ChangeDialog} from 'src/capabilities/severity/change_dialog';
import {Incident} from 'src/types/incident';
import {IncidentSeverity} from 'src/types/severity';
import {Button} from 'src/ui/button';

/** Opens the dialog that changes the severity. */
export function ChangeButton({incident, severity}: {incident: Incident; severity: IncidentSeverity}) {
    const [isOpen, setOpen] = useState(false);
    return (
        <>
            <Button
                kind='quiet'
                data-testid='change-severity'
                aria-haspopup='dialog'
                onClick={() => setOpen(true)}
            >
                {severity.key ? (
                    <FormattedMessage
                        id='severity.change'
                        defaultMessage='Change Severity'
                    />
                ) : (
                    <FormattedMessage
                        id='severity.choose'
                        defaultMessage='Choose Severity'
                    />
                )}
            </Button>
            {isOpen && (
                <ChangeDialog
                    {...{incident, severity}}
                    onClose={() => setOpen(false)}
                />
            )}
        </>
    );
}
