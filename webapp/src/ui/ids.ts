import {useState} from 'react';

let last = 0;

/** An id for the DOM that no other element has; the same for the life of the component. */
export function useDomId(name: string): string {
    const [id] = useState(() => `im-${name}-${++last}`);
    return id;
}
