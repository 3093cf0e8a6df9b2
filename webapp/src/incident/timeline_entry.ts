/** DOM id of an entry's row in the timeline of the incident's page, for parts of the page that lead there. */
export const timelineEntryId = (entryId: string) => `timeline-entry-${entryId}`;

/** Brings the row of an entry into view and gives it the focus. */
export function showTimelineEntry(row: HTMLElement): void {
    row.scrollIntoView?.({block: 'center'});
    (row.querySelector<HTMLElement>('a, button, [tabindex]') ?? row).focus({preventScroll: true});
}
