import React, {useState} from 'react';
import {FormattedMessage} from 'react-intl';

/** A mention with its popover, which the host renders wherever a plugin puts the text. */
export function Mention({name, className, children}: {name: string; className: string; children: React.ReactNode}) {
    const [open, setOpen] = useState(false);
    return (
        <>
            <span
                className={className}
                data-mention={name}
                onClick={(event) => {
                    event.stopPropagation();
                    setOpen(!open);
                }}
            >{children}</span>
            {open ? (
                <span className='user-profile-popover'>
                    <FormattedMessage
                        id='user_profile.send.dm'
                        defaultMessage='Message'
                    />
                </span>
            ) : null}
        </>
    );
}
