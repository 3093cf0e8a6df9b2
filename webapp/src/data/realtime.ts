import {channelChanged} from 'src/data/activity';
import {incidents} from 'src/data/incident_store';
import {longIncidents} from 'src/data/long_incidents';
import {compareAge, newest, withPostDeleted} from 'src/data/merge';
import {forgetChanges} from 'src/data/mutate';
import {changedIn, createdIn, incidentIn, postIn} from 'src/data/payload';
import {forgetPeople} from 'src/data/people';
import {posts} from 'src/data/posts';
import {queries} from 'src/data/query';
import {taskForms} from 'src/data/task_forms';
import {forgetAskedUsers} from 'src/data/users';
import {WebSocketMessage} from 'src/host/registry';
import {currentTeamId, currentUserId, HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {Incident, IncidentChanged, IncidentCreated, IncidentSummary, Page} from 'src/types/incident';

const JOIN_WAIT_MS = 300;

/** Events that may alter which incidents a list has are gathered for so long, in milliseconds. */
export const LIST_WAIT_MS = 1000;

const ONE = 'incident:';
const LISTS = 'incidents:';

/** Key of the query of one incident by its id; updated by events. */
export const incidentKey = (id: string) => `${ONE}${id}`;

/** Key of the query of a page of a team's incidents; updated by events. `filters` names all else that it depends on. */
export const incidentListKey = (teamId: string, filters: unknown[]) => `${LISTS}${teamId}:${JSON.stringify(filters)}`;

/** What lists show, filter and sort by. */
const listed = ({name, is_active: isActive, end_at: end, commander_user_id: commander}: IncidentSummary) => JSON.stringify([name, isActive, end, commander]);

function withRow(page: Page<IncidentSummary>, incident: IncidentSummary): Page<IncidentSummary> {
    const held = page.items.find(({id}) => id === incident.id);
    return held && compareAge(held, incident) < 0 ? {...page, items: page.items.map((one) => (one === held ? incident : one))} : page;
}

/**
 * Websocket events and reconnects, turned into changes of the data. `created` is told about incidents that the user
 * started, with the id of the browser tab. Returns the handlers by event name, for registration.
 */
export function realtimeHandlers(store: HostStore, created: (event: IncidentCreated) => void) {
    const joinTimers = new Map<string, number>();
    let listTimer: number | undefined;

    const askForLists = () => {
        listTimer ??= window.setTimeout(() => {
            listTimer = undefined;
            if (queries.isFetching(LISTS)) {
                // To ask again now would, in a storm of events, mean never to get an answer.
                askForLists();
            } else {
                queries.refresh(LISTS);
            }
        }, LIST_WAIT_MS);
    };

    const take = (incident: Incident) => {
        const row = queries.held<Page<IncidentSummary>>(LISTS).flatMap(({items}) => items).find(({id}) => id === incident.id);
        const before = row ?? incidents.confirmed(incident.channel_id);
        incidents.receive(incident);
        queries.set<Incident>(incidentKey(incident.id), (held) => newest(held, incident));
        queries.set<Page<IncidentSummary>>(LISTS, (page) => page && withRow(page, incident));
        if (incident.team_id === currentTeamId(store.getState()) && (!before || listed(before) !== listed(incident))) {
            askForLists();
        }
    };

    const isHeldOlder = (changed: IncidentChanged) =>
        queries.held<Incident>(incidentKey(changed.id)).some((held) => compareAge(held, changed) < 0);

    // Both are asked: each has notes of its own to make.
    const isWanted = (changed: IncidentChanged) => [incidents.hasChanged(changed), isHeldOlder(changed)].includes(true);
    const long = longIncidents(isWanted, take);

    const changedOnly = (changed: IncidentChanged) => {
        if (isWanted(changed)) {
            long.want(changed);
        }
        if (changed.team_id === currentTeamId(store.getState())) {
            // Whether the change is one that lists show is not known.
            askForLists();
        }
    };

    const joined = (teamId: string) => {
        window.clearTimeout(joinTimers.get(teamId));
        joinTimers.set(teamId, window.setTimeout(() => void incidents.loadChannels(teamId), JOIN_WAIT_MS));
    };

    const events: Record<string, (message: WebSocketMessage) => void> = {
        [`custom_${PLUGIN_ID}_incident_updated`]({data}) {
            const incident = incidentIn(data.payload);
            const changed = incident ? undefined : changedIn(data.changed);
            if (incident) {
                take(incident);
            } else if (changed) {
                changedOnly(changed);
            }
        },
        [`custom_${PLUGIN_ID}_incident_created`]({data}) {
            const event = createdIn(data.payload);
            if (event) {
                take(event.incident);
                created(event);
            }
        },
        user_added({data, broadcast}) {
            forgetPeople(broadcast.channel_id);
            channelChanged(String(broadcast.channel_id ?? ''));
            const teamId = String(data.team_id ?? '');
            if (data.user_id === currentUserId(store.getState()) && (teamId === currentTeamId(store.getState()) || incidents.knowsChannels(teamId))) {
                joined(teamId);
                askForLists();
            }
        },
        user_removed({data, broadcast}) {
            const me = currentUserId(store.getState());
            const channelId = String(broadcast.channel_id || data.channel_id || '');
            forgetPeople(channelId);
            channelChanged(channelId);
            if (broadcast.user_id === me || data.user_id === me) {
                incidents.forget(channelId);

                // Whoever left a private channel may no longer see its incident.
                queries.refresh(ONE);
                askForLists();
            }
        },
        posted({broadcast}) {
            channelChanged(String(broadcast.channel_id ?? ''));
        },
        post_deleted({data}) {
            const post = postIn(data.post);
            if (!post) {
                return;
            }
            const at = post.delete_at || Date.now();
            queries.set<Incident>(ONE, (held) => held && withPostDeleted(held, post.id, at));
            if (incidents.statusPostDeleted(post.id, at)) {
                void incidents.load(post.channel_id);
            }
        },
        post_edited({data}) {
            const post = postIn(data.post);
            if (post) {
                posts.edited(post);
            }
        },
    };

    const reconnected = () => {
        forgetPeople();
        forgetAskedUsers();
        posts.reset();
        incidents.reconnect(currentTeamId(store.getState()));
        queries.refresh();
    };

    const dispose = () => {
        joinTimers.forEach((timer) => window.clearTimeout(timer));
        window.clearTimeout(listTimer);
        long.dispose();
        forgetChanges();
        incidents.dispose();
        posts.dispose();
        queries.dispose();
        taskForms.dispose();
        forgetPeople();
        forgetAskedUsers();
    };

    return {events, reconnected, dispose};
}
