import createDOMPurify from 'dompurify';
import parse from 'html-react-parser';
import {Marked, type Tokens} from 'marked';
import React from 'react';

import {emoji} from './emoji';
import {is2026} from './frame';
import {Mention} from './frames/2026/mention';
import {basename} from './history';
import type {Dictionary} from './types';

/** The options of the host's `PostUtils.formatText` that this client honours. */
export type FormatOptions = {
    /** Line breaks become spaces and no paragraphs are made. */
    singleline?: boolean;
    /** `false` gives escaped plain text. */
    markdown?: boolean;
    /** @names become `<span data-mention>`. */
    atMentions?: boolean;
    mentionHighlight?: boolean;
    /** Words that are highlighted as mentions of the reader. */
    mentionKeys?: Array<{key: string}>;
    /** ~names found here become links. */
    channelNamesMap?: Dictionary<{display_name: string; team_name?: string} | string>;
    team?: {name: string} | null;
    /** Links below this address open in the same window. */
    siteURL?: string;
};

let options: FormatOptions = {};

const escape = (text: string) => text.
    replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');

const siteURL = () => options.siteURL || window.location.origin;

export function isInternal(href: string, site: string): boolean {
    return (href.startsWith('/') && !href.startsWith('//')) || href === site || href.startsWith(`${site}/`);
}

function link(href: string, title: string | null | undefined, text: string): string {
    const outside = isInternal(href, siteURL()) ? '' : ' target="_blank"';
    const titled = title ? ` title="${escape(title)}"` : '';
    return `<a class="theme markdown__link" href="${escape(href)}" rel="noreferrer"${outside}${titled}>${text}</a>`;
}

function channelLink(name: string): string | undefined {
    const found = options.channelNamesMap?.[name];
    if (!found) {
        return undefined;
    }
    const title = typeof found === 'string' ? found : found.display_name;
    const team = options.team?.name ?? (typeof found === 'string' ? '' : found.team_name) ?? '';
    return `<a class="mention-link" href="${basename}/${escape(team)}/channels/${escape(name)}" ` +
        `data-channel-mention="${escape(name)}">~${escape(title)}</a>`;
}

const inline = (name: string, start: RegExp, rule: RegExp, render: (match: string) => string | undefined) => ({
    name,
    level: 'inline' as const,
    start: (source: string) => source.match(start)?.index,
    tokenizer(source: string) {
        const match = rule.exec(source);
        const html = match && render(match[1] ?? '');
        return html ? {type: name, raw: match[0], html} : undefined;
    },
    renderer: (token: Tokens.Generic) => token.html as string,
});

const marked = new Marked({
    gfm: true,
    breaks: true,
    extensions: [
        inline('mention', /@[a-z0-9]/i, /^@([a-z0-9](?:[a-z0-9.\-_]*[a-z0-9\-_])?)/i, (name) => (options.atMentions ?
            `<span data-mention="${escape(name)}">@${escape(name)}</span>` : undefined)),
        inline('channelMention', /~[a-z0-9]/, /^~([a-z0-9][a-z0-9\-_]*)/, channelLink),
        inline('emoji', /:[a-z0-9+\-_]+:/, /^:([a-z0-9+\-_]+):/, (name) => {
            const found = emoji(name);
            return found && `<span class="emoticon" role="img" aria-label=":${name}:">${found}</span>`;
        }),
    ],
    renderer: {
        link,
        code: (code: string) => `<div class="post-code"><code class="hljs">${escape(code)}</code></div>`,
        table: (header: string, body: string) => '<div class="table-responsive"><table class="markdown__table">' +
            `<thead>${header}</thead><tbody>${body}</tbody></table></div>`,
        heading: (text: string, level: number) => `<h${level} class="markdown__heading">${text}</h${level}>`,
        // Raw HTML is text in a message.
        html: (html: string) => escape(html),
        image: (href: string, title: string | null, text: string) => link(href, title, escape(text) || escape(href)),
    },
});

const purify = createDOMPurify(window);

/** Turns a message into safe HTML. */
export function formatText(text: string, given: FormatOptions = {}): string {
    options = given;
    const source = given.singleline ? text.replace(/\s*\n+\s*/g, ' ') : text;
    let html: string;
    if (given.markdown === false) {
        html = escape(source).replace(/\n/g, '<br>');
    } else if (given.singleline) {
        html = marked.parseInline(source, {async: false}) as string;
    } else {
        html = marked.parse(source, {async: false}) as string;
    }
    if (given.mentionHighlight !== false) {
        for (const {key} of given.mentionKeys ?? []) {
            const name = key.replace(/^@/, '').toLowerCase();
            html = html.replaceAll(`<span data-mention="${escape(name)}">`, `<span data-mention="${escape(name)}" class="mention--highlight">`);
        }
    }
    return purify.sanitize(html, {ADD_ATTR: ['target']});
}

function PlainMention({name, className, children}: {name: string; className: string; children: React.ReactNode}) {
    return (
        <span
            className={className}
            data-mention={name}
        >{children}</span>
    );
}

/** Turns formatText's HTML into React elements; mentions are shown as such unless `mentions` is false. */
export function messageHtmlToComponent(html: string, _isRHS = false, given: {mentions?: boolean} = {}): React.ReactNode {
    if (!html) {
        return null;
    }
    const replace = (node: unknown) => {
        const {name, attribs, children} = node as {name?: string; attribs?: Dictionary<string>; children?: Array<{data?: string}>};
        if (given.mentions !== false && name === 'span' && attribs?.['data-mention']) {
            const highlight = attribs.class ? ` ${attribs.class}` : '';
            const Element = is2026 ? Mention : PlainMention;
            return (
                <Element
                    className={`mention-link${highlight}`}
                    name={attribs['data-mention']}
                >{children?.[0]?.data}</Element>
            );
        }
        return undefined;
    };
    return <>{parse(html, {replace})}</>;
}
