import React, {MouseEvent, useMemo} from 'react';
import {useSelector, useStore} from 'react-redux';

import {currentTeam, HostState} from 'src/host/store';
import {navigate} from 'src/host/window';
import {basePath} from 'src/site';
import {classes} from 'src/ui/classes';
import styles from 'src/ui/markdown.module.css';

interface Props {
    text: string;

    /** Limited Markdown on one line, for titles. */
    singleLine?: boolean;
    className?: string;
}

const PRIMARY_BUTTON = 0;

/** The path within the site that a link leads to, or undefined when it leads elsewhere. */
export function innerPath(link: HTMLAnchorElement): string | undefined {
    const base = basePath();
    const url = new URL(link.href, window.location.href);
    if (url.origin !== window.location.origin || !`${url.pathname}/`.startsWith(`${base}/`)) {
        return undefined;
    }
    const path = url.pathname.slice(base.length);
    // These are answered by the server, not by the web client.
    return (/^\/(api|plugins|files|static)\//).test(path) ? undefined : `${path}${url.search}${url.hash}`;
}

/** Follows links within the site without loading the page again; presses with a modifier are the browser's. */
export function followInside(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.defaultPrevented || event.button !== PRIMARY_BUTTON || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
        return;
    }
    const raw = link.getAttribute('href') ?? '';
    if (raw === '#' || raw === '') {
        event.preventDefault();
        return;
    }
    const path = innerPath(link);
    if (path !== undefined) {
        event.preventDefault();
        event.stopPropagation();
        navigate(path);
    }
}

interface ContentProps extends Props {
    names?: Record<string, unknown>;
}

function Content({text, singleLine = false, className, names}: ContentProps) {
    const store = useStore<HostState>();
    const content = useMemo(() => {
        const tools = window.PostUtils;
        if (!tools) {
            return text;
        }
        const team = currentTeam(store.getState());
        const html = tools.formatText(text, {atMentions: true, singleline: singleLine, channelNamesMap: names ?? {}, team});
        return tools.messageHtmlToComponent(html, true, {});
    }, [text, singleLine, names, store]);
    const Element = singleLine ? 'span' : 'div';
    return (
        // The links inside are the controls; this only decides how they are followed.
        <Element
            className={classes(className, styles.markdown)}
            dir='auto'
            onClick={followInside}
        >
            {content}
        </Element>
    );
}

function ContentWithChannels(props: Props) {
    const team = useSelector(currentTeam);
    const channels = useSelector((state: HostState) => state.entities.channels.channels);
    const known = Object.values(channels).filter((channel) => channel && channel.team_id === team?.id && props.text.includes(`~${channel.name}`));

    // The host replaces its map of channels with every post; the text is formatted again only when a named channel appears.
    const key = known.map((channel) => `${channel?.name}/${channel?.display_name}`).join();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the channels
    const names = useMemo(() => Object.fromEntries(known.map((channel) => [channel?.name, channel])), [key]);
    return (
        <Content
            {...props}
            names={names}
        />
    );
}

/** Text as the host renders it, with its mentions, channel links and emoji. */
export function Markdown(props: Props) {
    return props.text.includes('~') ? <ContentWithChannels {...props}/> : <Content {...props}/>;
}
