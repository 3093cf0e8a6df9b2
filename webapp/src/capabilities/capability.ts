import {ComponentType, Dispatch} from 'react';
import {MessageDescriptor} from 'react-intl';

import {HostStore} from 'src/host/store';
import {Draft, Edit} from 'src/playbook/draft';
import {Incident} from 'src/types/incident';

/**
 * Loads the code of a part when it is shown. A part that is always on the screen names the chunk of its surroundings
 * (`sidebar`, `backstage`), so that it costs no request of its own.
 */
export type Load<P> = () => Promise<{default: ComponentType<P>}>;

/** Given to every part that belongs to an incident. */
export interface IncidentProps {
    incident: Incident;
}

export interface EditorTabProps {
    teamId: string;

    /** Undefined while the playbook is not stored. */
    playbookId?: string;
    draft: Draft;
    dispatch: Dispatch<Edit>;

    /** What the tab has put aside with `setUnsaved` to be saved with the playbook. It can be written as JSON; undefined is nothing. */
    unsaved: unknown;
    setUnsaved: (value: unknown) => void;
}

/** A tab after those of the core. `key` is unique, and kept over a reload; it is the test id in the sidebar. */
export interface CapabilityTab<P> {
    key: string;
    title: MessageDescriptor;
    load: Load<P>;
}

/** A tab of the playbook editor. */
export interface EditorTab extends CapabilityTab<EditorTabProps> {
    /** False hides the tab, as when the server does not have the feature. True when absent. */
    isOffered?: () => boolean;

    /**
     * Stores what the tab has put aside, before a stored playbook is saved or after a new one was. Answers undefined, or what is left
     * for the user to decide, which the tab then shows. Throws ApiError.
     */
    save?: (playbookId: string, unsaved: unknown) => Promise<unknown>;
}

/** A full page. `path` is below `/TEAM/PLUGIN`, as react-router matches it; it comes after the paths of the core. */
export interface CapabilityPage {
    path: string;
    load: Load<object>;

    /** Shows the bar with the lists above the page. */
    hasTopBar: boolean;

    /** A link to the page in that bar, after those of the core; renders a BarLink. `team` is the team's URL name. */
    barLink?: Load<{team: string}>;
}

/** Given to what an entry of a message's menu opens. */
export interface PostDialogProps {
    postId: string;

    /** Takes the dialog away; the focus goes back to the page. */
    onClose: () => void;
}

/** An entry in the menu of messages, except for those of the system. It opens a dialog. */
export interface PostAction {
    testId: string;
    text: MessageDescriptor;

    /** Whether the menu of a message has the entry. Asked whenever a menu opens, so it has to answer at once. */
    isOffered: (store: HostStore, postId: string) => boolean;
    load: Load<PostDialogProps>;
}

/**
 * What one feature adds before any of its code is loaded. It is part of what every visitor of Mattermost loads, so it has to be
 * small.
 */
export interface StartPart {
    /** Names of the feature's websocket events, without their prefix. `onCapabilityEvent` listens to them. */
    events?: string[];
    postAction?: PostAction;
}

/** What one feature adds to the screens of the core. What it leaves out it does not have. */
export interface Capability {
    /** Name of its folder. */
    name: string;

    /** False hides the tab and the section of an incident, as when the server does not have the feature. True when absent. */
    isOffered?: (incident: Incident) => boolean;

    /** A tab of the incident in the sidebar. It renders a scrolling body, and a SidebarFooter if it has actions. */
    sidebarTab?: CapabilityTab<IncidentProps>;

    /** A section of the sidebar's summary; renders a SidebarSection. */
    summarySection?: Load<IncidentProps>;

    /** The foot of the sidebar's summary; renders a SidebarFooter. */
    summaryFooter?: Load<IncidentProps>;

    /** A control in the head of the incident's page. */
    pageAction?: Load<IncidentProps>;

    /** A section of the incident's page; renders a PageSection. */
    pageSection?: Load<IncidentProps>;

    editorTab?: EditorTab;

    pages?: CapabilityPage[];
}
