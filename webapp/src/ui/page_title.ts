import {useEffect} from 'react';

/** What hosts put before a title while there are unread messages: how many mentions, and a star for other messages. */
const UNREAD = /^(\(\d+\+?\)\s)?(\*\s)?/;

/**
 * Gives the browser's tab this title, from the most special part to the most general, for as long as the component is
 * shown. The host sets its own title whenever messages come; that is seen, its sign of unread ones is kept, and the host's
 * title is put back in the end.
 */
export function usePageTitle(...parts: string[]): void {
    const title = parts.filter(Boolean).join(' - ');
    useEffect(() => {
        let hosts = document.title;
        let own = hosts;
        const show = () => {
            document.title = `${UNREAD.exec(hosts)?.[0] ?? ''}${title}`;

            // As the browser reads it, which is not always as it was written.
            own = document.title;
        };
        const observer = new MutationObserver(() => {
            if (document.title !== own) {
                hosts = document.title;
                show();
            }
        });
        show();
        observer.observe(document.head, {childList: true, subtree: true, characterData: true});
        return () => {
            observer.disconnect();
            if (document.title === own) {
                document.title = hosts;
            }
        };
    }, [title]);
}
