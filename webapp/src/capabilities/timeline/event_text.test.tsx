import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {EventText} from 'src/capabilities/timeline/event_text';
import {anEntry} from 'src/capabilities/timeline/testing';
import {EventSide} from 'src/capabilities/timeline/types';
import {anIncident, ME} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

const HIGH = {key: 'SEV1', name: 'Critical'};
const LOW = {key: 'SEV3', name: 'Medium'};
const AT = new Date(new Date().getFullYear(), 0, 5, 9, 30).getTime();

beforeEach(() => {
    freshHost();
    fakeServer();
});

it.each<[string, EventSide, EventSide, string]>([
    ['severity_changed', {severity: {key: '', name: ''}}, {severity: LOW, raised: true}, 'Anna Berg set the severity to SEV3 Medium'],
    ['severity_changed', {severity: LOW}, {severity: HIGH, raised: true, reason: 'Orders are lost'}, 'Anna Berg raised the severity from SEV3 Medium to SEV1 Critical: Orders are lost'],
    ['severity_changed', {severity: HIGH}, {severity: LOW}, 'Anna Berg lowered the severity from SEV1 Critical to SEV3 Medium'],
    ['update_planned', {}, {next_update_at: AT, overdue_since: 0}, 'Anna Berg planned the next status update for Jan 05, 9:30 AM'],
    ['update_planned', {}, {next_update_at: 0, overdue_since: 0}, 'Anna Berg ended the reminder of the next status update'],
    ['update_overdue', {}, {next_update_at: 0, overdue_since: AT}, 'The status update that was due at Jan 05, 9:30 AM had not come'],
    ['stage_limit_reached', {}, {title: 'Mitigate'}, 'The stage “Mitigate” reached its time limit'],
    ['role_changed', {holder_id: ''}, {name: 'Scribe', holder_id: ME.id}, 'Anna Berg gave the role “Scribe” to Anna Berg'],
    ['role_changed', {holder_id: ME.id}, {name: 'Scribe', holder_id: ME.id}, 'Anna Berg gave the role “Scribe” to Anna Berg, in place of Anna Berg'],
    ['role_changed', {holder_id: ME.id}, {name: 'Scribe', holder_id: ''}, 'Anna Berg took the role “Scribe” from Anna Berg'],
    ['handoff_offered', {}, {to_user_id: ME.id}, 'Anna Berg offered the command to Anna Berg'],
    ['handoff_declined', {}, {to_user_id: ME.id}, 'Anna Berg declined the handoff of command'],
    ['handoff_lapsed', {}, {to_user_id: ME.id}, 'The handoff of command to Anna Berg lapsed'],
    ['handoff_withdrawn', {}, {to_user_id: ME.id}, 'Anna Berg withdrew the handoff of command to Anna Berg'],
    ['handoff_overtaken', {}, {to_user_id: ME.id}, 'The handoff of command to Anna Berg ended without an answer'],
    ['commander_changed', {commander_user_id: ME.id}, {commander_user_id: ME.id, handoff_id: 'h'}, 'Anna Berg accepted the handoff of command, and is commander in place of Anna Berg'],
    ['channel_archive_announced', {}, {archive_at: AT}, 'The channel was to be archived on Jan 05, 9:30 AM'],
    ['channel_archived', {}, {because: 'playbook'}, 'The channel was archived'],
    ['channel_kept', {archive_at: AT}, {because: 'user'}, 'Anna Berg decided to keep the channel'],
    ['channel_kept', {archive_at: AT}, {because: 'ongoing'}, 'The channel was kept, because an incident was ongoing in it'],
    ['channel_restored', {}, {}, 'The channel was brought back from the archive'],
    ['commander_gone', {}, {reason: 'left'}, 'The commander can no longer lead the incident'],
])('%s is told: %s %s', (type, before, after, text) => {
    const entry = anEntry({kind: 'event', author_id: ME.id, text: '', event: {revision: 1, type, before, after, post_id: ''}});
    const {container} = renderWithHost((
        <EventText
            entry={entry}
            incident={anIncident()}
        />
    ));
    expect(container.textContent?.replace(/\u202f/g, ' ').replace(/[\u2068\u2069]/g, '')).toBe(text);
});
