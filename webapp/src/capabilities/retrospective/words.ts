import {defineMessages, IntlShape, MessageDescriptor} from 'react-intl';

import {DraftKind, SectionTemplate} from 'src/capabilities/retrospective/types';

/** The headings of the standard sections, as the server has them in English. Their names are what is generated into them. */
const HEADINGS = defineMessages({
    summary: {id: 'retrospective.heading.summary', defaultMessage: 'Summary'},
    impact: {id: 'retrospective.heading.impact', defaultMessage: 'Impact'},
    what_happened: {id: 'retrospective.heading.what_happened', defaultMessage: 'What happened'},
    went_well: {id: 'retrospective.heading.went_well', defaultMessage: 'What went well'},
    did_not_go_well: {id: 'retrospective.heading.did_not_go_well', defaultMessage: 'What did not go well'},
    causes: {id: 'retrospective.heading.causes', defaultMessage: 'Contributing causes'},
    followups: {id: 'retrospective.heading.followups', defaultMessage: 'Follow-ups'},
});

/** Their questions. */
const QUESTIONS = defineMessages({
    summary: {id: 'retrospective.question.summary', defaultMessage: 'What happened, in two or three sentences?'},
    impact: {id: 'retrospective.question.impact', defaultMessage: 'Who or what was affected, for how long, and how badly?'},
    what_happened: {id: 'retrospective.question.what_happened', defaultMessage: 'What does somebody have to know who was not there?'},
    went_well: {id: 'retrospective.question.went_well', defaultMessage: 'What helped, and should be done in the same way next time?'},
    did_not_go_well: {id: 'retrospective.question.did_not_go_well', defaultMessage: 'What was slow, unclear or missing?'},
    causes: {id: 'retrospective.question.causes', defaultMessage: 'What made the incident possible, and what made it worse? Look for conditions, not for people.'},
    followups: {id: 'retrospective.question.followups', defaultMessage: 'What will be changed so that it does not happen again?'},
});

const byEnglish = new Map([...Object.values(HEADINGS), ...Object.values(QUESTIONS)].map((message: MessageDescriptor) => [String(message.defaultMessage), message]));

/** A heading or question in the user's language if it is a standard one, else as it was written. */
export function standardText({formatMessage}: Pick<IntlShape, 'formatMessage'>, text: string): string {
    const message = byEnglish.get(text);
    return message ? formatMessage(message) : text;
}

export const DRAFT_KINDS = Object.keys(HEADINGS) as Array<Exclude<DraftKind, ''>>;

/** What is generated into a section, by the heading of the standard section that has it. */
export const draftKindName = (kind: Exclude<DraftKind, ''>): MessageDescriptor => HEADINGS[kind];

/** The sections of a playbook that has none of its own. */
export const standardSections = (): SectionTemplate[] => DRAFT_KINDS.map((kind) => ({
    key: kind, heading: String(HEADINGS[kind].defaultMessage), questions: [String(QUESTIONS[kind].defaultMessage)], draft: kind,
}));
