import {IntlShape} from 'react-intl';

import {Draft, emptyDraft, newStage, newTask} from 'src/playbook/draft';
import {usualLevels} from 'src/playbook/usual_levels';
import {BLANK_TEMPLATE, INCIDENT_TEMPLATE} from 'src/types/playbook';

const ECHO = '/echo ""';

function incidentStages({formatMessage}: IntlShape) {
    return [
        newStage(formatMessage({id: 'template.triage', defaultMessage: 'Triage'}), [
            newTask({title: formatMessage({id: 'template.announce_kind', defaultMessage: 'Say what kind of incident it is and who is working on it'}), command: ECHO}),
            newTask({title: formatMessage({id: 'template.acknowledge', defaultMessage: 'Acknowledge the alert'})}),
            newTask({title: formatMessage({id: 'template.read_alert', defaultMessage: 'Read the alert closely'})}),
            newTask({title: formatMessage({id: 'template.contacts', defaultMessage: 'Bring in the escalation contacts'})}),
            newTask({title: formatMessage({id: 'template.priority', defaultMessage: 'Set the priority by your own judgement'})}),
            newTask({title: formatMessage({id: 'template.priority_tool', defaultMessage: 'Set the priority in the alerting tool'})}),
            newTask({title: formatMessage({id: 'template.ticket', defaultMessage: 'Open a ticket'}), command: '/jira create'}),
            newTask({title: formatMessage({id: 'template.on_call', defaultMessage: 'Find out who is on call'}), command: '/genie whoisoncall'}),
            newTask({title: formatMessage({id: 'template.announce', defaultMessage: 'Announce the incident'})}),
            newTask({title: formatMessage({id: 'template.lead', defaultMessage: 'Bring in the lead on call'})}),
        ]),
        newStage(formatMessage({id: 'template.investigation', defaultMessage: 'Investigation'}), [
            newTask({title: formatMessage({id: 'template.first_look', defaultMessage: 'Take a first look and note what you find'})}),
            newTask({title: formatMessage({id: 'template.escalate_experts', defaultMessage: 'Escalate to the experts of the system (optional)'})}),
            newTask({title: formatMessage({id: 'template.escalate_management', defaultMessage: 'Escalate to the management (optional)'})}),
        ]),
        newStage(formatMessage({id: 'template.resolution', defaultMessage: 'Resolution'}), [
            newTask({title: formatMessage({id: 'template.close_alert', defaultMessage: 'Close the alert'})}),
            newTask({title: formatMessage({id: 'template.end', defaultMessage: 'End the incident'}), command: '/incident end'}),
            newTask({title: formatMessage({id: 'template.plan_retrospective', defaultMessage: 'Plan a retrospective'})}),
            newTask({title: formatMessage({id: 'template.record_retrospective', defaultMessage: 'Write down what the retrospective found'})}),
            newTask({title: formatMessage({id: 'template.update_playbook', defaultMessage: 'Update this playbook with what was learned'})}),
            newTask({title: formatMessage({id: 'template.export', defaultMessage: 'Export the channel for later analysis'}), command: '/export'}),
            newTask({title: formatMessage({id: 'template.archive', defaultMessage: 'Archive the channel'})}),
        ]),
    ];
}

/** What a new playbook starts with; undefined when there is no template of that title. */
export function templateDraft(intl: IntlShape, title: string, userId: string): Draft | undefined {
    if (title === INCIDENT_TEMPLATE) {
        return {...emptyDraft(userId, incidentStages(intl), INCIDENT_TEMPLATE), own: {severity: usualLevels(intl)}};
    }
    if (title === '' || title === BLANK_TEMPLATE) {
        const stage = intl.formatMessage({id: 'editor.default_stage', defaultMessage: 'Default Stage'});
        return emptyDraft(userId, [newStage(stage)]);
    }
    return undefined;
}
