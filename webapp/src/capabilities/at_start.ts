import {StartPart} from 'src/capabilities/capability';
import {followupsAtStart} from 'src/capabilities/followups/at_start';
import {retrospectiveAtStart} from 'src/capabilities/retrospective/at_start';
import {timelineAtStart} from 'src/capabilities/timeline/at_start';

/** What capabilities add to the page before their code is loaded. Entries of menus are shown in this order. */
export const startParts: StartPart[] = [
    timelineAtStart,
    followupsAtStart,
    retrospectiveAtStart,
];
