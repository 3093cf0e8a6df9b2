import React, {useMemo} from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {client} from '../client';
import {basename, browserHistory} from '../history';
import {formatText, isInternal, messageHtmlToComponent} from '../markdown';
import {failed, openDirect} from '../store/actions';
import {channelNames, currentTeam, me} from '../store/selectors';
import type {Dispatch, State} from '../store/types';

/** Opens internal links and mentions within the page; clicks with modifier keys stay with the browser. */
export function useLinkHandler() {
    const dispatch = useDispatch<Dispatch>();
    return (event: React.MouseEvent) => {
        if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
            return;
        }
        const target = event.target as HTMLElement;
        const mention = target.closest<HTMLElement>('[data-mention]')?.dataset.mention;
        if (mention && !['all', 'channel', 'here'].includes(mention)) {
            client.usersByNames([mention.toLowerCase()]).
                then(([user]) => user && dispatch(openDirect([user.id]))).
                catch((error) => dispatch(failed(error)));
            return;
        }
        const href = target.closest('a')?.getAttribute('href');
        if (href && isInternal(href, window.location.origin)) {
            const url = new URL(href, window.location.origin);
            const path = url.pathname.startsWith(`${basename}/`) ? url.pathname.slice(basename.length) : url.pathname;
            if ((/^\/(api|static|plugins)\//).test(path)) {
                return;
            }
            event.preventDefault();
            browserHistory.push(path + url.search + url.hash);
        }
    };
}

type Props = {text: string; id?: string; className?: string; singleline?: boolean};

/** A text with Markdown, mentions and channel links. */
export function Message({text, id, className = 'post-message__text', singleline}: Props) {
    const team = useSelector(currentTeam);
    const username = useSelector((state: State) => me(state)?.username ?? '');
    const names = useSelector(channelNames);
    const onClick = useLinkHandler();
    const content = useMemo(() => messageHtmlToComponent(formatText(text, {
        atMentions: true,
        mentionKeys: [{key: username}, {key: 'all'}, {key: 'channel'}, {key: 'here'}],
        channelNamesMap: names,
        team,
        siteURL: window.location.origin,
        singleline,
    })), [text, username, names, team, singleline]);
    return (
        <div
            id={id}
            className={className}
            dir='auto'
            onClick={onClick}
        >{content}</div>
    );
}
