import React, {ComponentProps} from 'react';

import {useMentioned} from 'src/store/users';
import {Markdown} from 'src/ui/markdown';

/** A text of a user as Markdown; the people whom it mentions are loaded, so that they are links. */
export function Text(props: ComponentProps<typeof Markdown>) {
    useMentioned(props.text);
    return <Markdown {...props}/>;
}
