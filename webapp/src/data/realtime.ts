import {channelChanged} from 'src/data/activity';
import {incidents} from 'src/data/incident_store';
import {compareAge} from 'src/data/merge';
import {forgetChanges} from 'src/data/mutate';
import {createdIn, incidentIn, postIn} from 'src/data/payload';
import {forgetPeople} from 'src/data/people';
import {posts} from 'src/data/posts';
import {queries} from 'src/data/query';
import {forgetAskedUsers} from 'src/data/users';
import {WebSocketMessage} from 'src/host/registry';
import {currentTeamId, currentUserId, HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {Incident, IncidentCreated} from 'src/types/incident';

const JOIN_WAIT_MS = 300;

/** Key of the query of one incident by its id; updated by events. */
export const incidentKey = (id: string) => `incident:${id}`;

/**
 * Websocket events and reconnects, turned into changes of the data. `created` is told about incidents that the user
 * started, with the id of the browser tab. Returns the handlers by event name, for registration.
 */
export function realtimeHandlers(store: HostStore, created: (event: IncidentCreated) => void) {
    let joinTimer: number | undefined;

    const take = (incident: Incident) => {
        incidents.receive(incident);
        queries.set<Incident>(incidentKey(incident.id), (held) => (compareAge(incident, held) >= 0 ? incident : held));
    };

    const joined = (teamId: string) => {
        window.clearTimeout(joinTimer);
        joinTimer = window.setTimeout(() => void incidents.loadChannels(teamId), JOIN_WAIT_MS);
    };

    const events: Record<string, (message: WebSocketMessage) => void> = {
        [`custom_${PLUGIN_ID}_incident_updated`]({data}) {
            const incident = incidentIn(data.payload);
            if (incident) {
                take(incident);
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
            }
        },
        user_removed({data, broadcast}) {
            const me = currentUserId(store.getState());
            const channelId = String(broadcast.channel_id || data.channel_id || '');
            forgetPeople(channelId);
            channelChanged(channelId);
            if (broadcast.user_id === me || data.user_id === me) {
                incidents.forget(channelId);
            }
        },
        posted({broadcast}) {
            channelChanged(String(broadcast.channel_id ?? ''));
        },
        post_deleted({data}) {
            const post = postIn(data.post);
            if (post && incidents.statusPostDeleted(post.id, post.delete_at || Date.now())) {
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
        window.clearTimeout(joinTimer);
        forgetChanges();
        incidents.dispose();
        posts.dispose();
        queries.dispose();
        forgetPeople();
        forgetAskedUsers();
    };

    return {events, reconnected, dispose};
}
