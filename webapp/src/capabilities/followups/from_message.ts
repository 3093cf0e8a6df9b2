import {FollowUpDraft, LIMITS} from 'src/capabilities/followups/types';

/** The first so many characters, of which none is cut in two. */
const cut = (text: string, most: number) => (text.length <= most ? text : [...text].slice(0, most).join(''));

const ELLIPSIS = '…';

/** The marks of Markdown at the beginning of a line: of headings, lists and quotes. */
const MARKS = /^(?:\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>\s?))+/;

/** What the form begins with when a follow-up is made of a message: its first line, and all of it if there is more. */
export function draftOfMessage(message: string): Partial<FollowUpDraft> {
    const text = message.trim();
    const line = (/^.*$/m).exec(text)?.[0].replace(MARKS, '').trim() ?? '';
    const title = [...line].length > LIMITS.title ? `${cut(line, LIMITS.title - 1)}${ELLIPSIS}` : line;
    return {title, text: title === text ? '' : cut(text, LIMITS.text)};
}
