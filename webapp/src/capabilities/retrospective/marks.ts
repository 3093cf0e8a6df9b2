import {Sentence} from 'src/capabilities/retrospective/types';

/** Name of the value in the address of a mark that tells which one it is. */
const VALUE = 'source';

/** The text with a numbered link behind each line that says where it comes from. `path` is that of the page it is on. */
export function withMarks(text: string, sentences: Sentence[], path: string): string {
    const lines = text.split('\n');
    sentences.forEach(({line}, index) => {
        const words = lines[line];
        if (words?.trim()) {
            // Spaces at the end of a line mean a line break.
            const end = words.trimEnd().length;
            lines[line] = `${words.slice(0, end)} [${index + 1}](${path}?${VALUE}=${index})${words.slice(end)}`;
        }
    });
    return lines.join('\n');
}

/** Which sentence a link is the mark of; undefined for links of the text itself. */
export function markOf(link: HTMLAnchorElement, path: string): number | undefined {
    const [before, value] = (link.getAttribute('href') ?? '').split(`?${VALUE}=`);
    return value !== undefined && before?.endsWith(path) && (/^\d+$/).test(value) ? Number(value) : undefined;
}
