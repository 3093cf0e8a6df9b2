import {FollowUpDraft, LIMITS} from 'src/capabilities/followups/types';

/** The first so many characters, of which none is cut in two. */
const cut = (text: string, most: number) => (text.length <= most ? text : [...text].slice(0, most).join(''));

const ELLIPSIS = '…';

/** The marks of Markdown at the beginning of a line: of headings, lists and quotes. */
const MARKS = /^(?:\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>\s?))+/;

/** What is shown of images, links, and bold, struck out and italic text. */
const INLINE: Array<[RegExp, string]> = [
    [/!?\[([^\]]*)\]\([^)]*\)/g, '$1'],
    [/(\*\*|__)(?=\S)(.+?)\1/g, '$2'],
    [/~~(.+?)~~/g, '$1'],
    [/\*(?=\S)([^*]*[^\s*])\*/g, '$1'],
    [/(^|[^\p{L}\p{N}_])_(?=\S)([^_]*[^\s_])_(?![\p{L}\p{N}_])/gu, '$1$2'],
];

/** Lines that say nothing by themselves: rules, fences, and what is below the heading of a table or a text. */
const EMPTY = /^[\s`~=*_|:-]*$|^\s*(?:`{3,}|~{3,})\S*\s*$/;

const CODE = /(`[^`]+`)/;

/** A line of Markdown as somebody reads it. What is in code stays as it is. */
function words(line: string): string {
    if (/^\s*\|.*\|\s*$/.test(line)) {
        return line.split('|').map(words).filter(Boolean).join(' ');
    }
    const parts = line.replace(MARKS, '').split(CODE);
    return parts.map((part, n) => (n % 2 ? part.slice(1, -1) : INLINE.reduce((text, [mark, shown]) => text.replace(mark, shown), part))).join('').trim();
}

/** What the form begins with when a follow-up is made of a message: its first line with words, without Markdown, and all of it if there is more. */
export function draftOfMessage(message: string): Partial<FollowUpDraft> {
    const text = message.trim();
    const line = words(text.split('\n').find((each) => !EMPTY.test(each)) ?? '');
    const title = [...line].length > LIMITS.title ? `${cut(line, LIMITS.title - 1)}${ELLIPSIS}` : line;
    return {title, text: title === text ? '' : cut(text, LIMITS.text)};
}
