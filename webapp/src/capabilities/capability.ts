import {ComponentType, Dispatch} from 'react';
import {IntlShape, MessageDescriptor} from 'react-intl';

import {HostStore} from 'src/host/store';
import {Draft, DraftStage, DraftTask, Edit} from 'src/playbook/draft';
import {AnyIncident, Incident, IncidentSort, IncidentSummary} from 'src/types/incident';

/**
 * Loads the code of a part when it is shown. A part that is always on the screen names the chunk of its surroundings
 * (`sidebar`, `backstage`), so that it costs no request of its own.
 */
export type Load<P> = () => Promise<{default: ComponentType<P>}>;

/** Given to every part that belongs to an incident. */
export interface IncidentProps {
    incident: Incident;
}

/** A part that is there only where it has something to show. Its code is loaded then, so that others load nothing of it. */
export interface OptionalPart<P> {
    isShown: (props: P) => boolean;
    load: Load<P>;
}

/** Given to a part that is shown for a whole incident and for the row of one. */
export interface AnyIncidentProps {
    incident: AnyIncident;
}

export interface RowProps {
    incident: IncidentSummary;
}

export interface ListFilterProps {
    teamId: string;

    /** The rows that are shown. */
    rows: IncidentSummary[];

    /** What is filtered by, as it is in the query; '' is everything. */
    value: string;
    onChange: (value: string) => void;
}

/** A column of the list of incidents, between status and start, with a filter above the list. */
export interface ListColumn {
    /** Name of what is sorted and filtered by, in the query of the page and of the request. */
    key: IncidentSort & 'severity';
    title: MessageDescriptor;

    /** As an element of `grid-template-columns`. */
    width: string;

    /** Whether a row has something to show. The column is there when any row that was shown has, and while it filters or sorts. */
    isUsed: (row: IncidentSummary) => boolean;
    load: Load<RowProps>;
    loadFilter: Load<ListFilterProps>;
}

/** Given to a dialog about an incident. */
export interface IncidentDialogProps extends IncidentProps {
    /** Takes the dialog away; the focus goes back to the page. */
    onClose: () => void;
}

/** A dialog about an incident that is there only for some of them. */
export interface OptionalDialog {
    isShown: (props: IncidentProps) => boolean;
    load: Load<IncidentDialogProps>;
}

/** An entry above the people in the list in which the sidebar's commander is changed. It opens a dialog. */
export interface CommanderAction {
    key: string;
    text: MessageDescriptor;
    isOffered: (incident: Incident, user: {id: string; isAdministrator: boolean}) => boolean;
    load: Load<IncidentDialogProps>;
}

/** Given to a setting of a task in the playbook editor. */
export interface TaskSettingProps {
    teamId: string;
    task: DraftTask;

    /** What names the task, also when its title is empty. */
    name: string;
    own: Draft['own'];
    dispatch: Dispatch<Edit>;

    /** The user has just asked for it: it takes the focus. */
    isNew: boolean;
}

/** A setting of a task in the playbook editor. It is shown below the task's text where it has something to say, and when it is chosen from the task's menu. */
export interface TaskSetting {
    key: string;

    /** The entry of the menu. */
    text: MessageDescriptor;
    isShown: (task: DraftTask, own: Draft['own']) => boolean;
    load: Load<TaskSettingProps>;
}

export interface StageSettingProps {
    stage: DraftStage;
    dispatch: Dispatch<Edit>;

    /** The user has just asked for it: it takes the focus. */
    isNew: boolean;
}

/** A setting of a stage in the playbook editor. It is shown below the stage's name where it is set, and when it is chosen from the stage's menu. */
export interface StageSetting {
    key: string;

    /** The entry of the menu. */
    text: MessageDescriptor;
    isSet: (stage: DraftStage) => boolean;
    load: Load<StageSettingProps>;
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

    /** Saving was refused because of this tab: it says what is missing, also where nothing was typed yet. */
    isChecked: boolean;
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

    /** False when the draft cannot be saved because of what this tab edits: saving then shows the tab, which says why. True when absent. */
    isValid?: (draft: Draft) => boolean;
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

    /** A mark beside the name of an incident: in the heads of sidebar and page, and in the sidebar's list. */
    badge?: OptionalPart<AnyIncidentProps>;

    commanderAction?: CommanderAction;

    /** A dialog in place of the restart of an incident. */
    restartDialog?: OptionalDialog;

    /** What the user has to answer at once: above the tabs of the incident in the sidebar, whichever is open. */
    sidebarHead?: OptionalPart<IncidentProps>;

    /** A section of the sidebar's summary, below the commander; renders a SidebarSection. */
    summaryDetails?: OptionalPart<IncidentProps>;

    /** A line below the current stage in the sidebar. */
    stageDetails?: OptionalPart<IncidentProps>;

    /** A line in a row of the list of incidents and of the sidebar's list. */
    rowDetails?: OptionalPart<RowProps>;

    listColumn?: ListColumn;

    /** What to tell people who cannot see that an incident has changed; '' when it is nothing of weight. */
    describeChange?: (intl: IntlShape, before: Incident, after: Incident) => string;

    /** A section of the sidebar's summary; renders a SidebarSection. */
    summarySection?: Load<IncidentProps>;

    /** The foot of the sidebar's summary; renders a SidebarFooter. */
    summaryFooter?: Load<IncidentProps>;

    /** A control in the head of the incident's page. */
    pageAction?: Load<IncidentProps>;

    /** A fact in the row below the head of the incident's page; renders a PageFact. */
    pageDetails?: OptionalPart<IncidentProps>;

    /** A section of the incident's page; renders a PageSection. */
    pageSection?: Load<IncidentProps>;

    editorTab?: EditorTab;

    stageSetting?: StageSetting;

    taskSetting?: TaskSetting;

    pages?: CapabilityPage[];
}
