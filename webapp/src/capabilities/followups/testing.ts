import {Counts, FollowUp} from 'src/capabilities/followups/types';
import {anId, ME, TEAM} from 'src/testing/factories';
import {Answer} from 'src/testing/server';

export function aFollowUp(item: Partial<FollowUp> = {}): FollowUp {
    return {
        id: anId('followup'),
        incident_id: anId('incident'),
        number: 1,
        title: 'Watch the disk',
        text: '',
        owner_id: '',
        due_at: 0,
        state: 'open',
        reason: '',
        link: '',
        source: 'rest',
        post_id: '',
        task_id: '',
        author_id: ME.id,
        create_at: 1_700_000_000_000,
        update_at: 1_700_000_000_000,
        closed_at: 0,
        revision: 1,
        incident_name: 'Checkout is down',
        team_id: TEAM.id,
        channel_id: anId('channel'),
        playbook_id: '',
        owner_username: '',
        owner_state: '',
        overdue: false,
        can_edit: true,
        ...item,
    };
}

export const aPage = (items: FollowUp[], counts: Partial<Counts> = {}, more: {total_count?: number; page_count?: number; has_more?: boolean} = {}): Answer => ({
    body: {
        total_count: items.length,
        page_count: items.length ? 1 : 0,
        has_more: false,
        items,
        counts: {open: items.filter(({state}) => state === 'open').length, overdue: 0, done: 0, dropped: 0, mine: 0, mine_overdue: 0, ...counts},
        ...more,
    },
});
