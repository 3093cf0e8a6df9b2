import {emitCapabilityEvent, INCIDENT_DELETED, POST_DELETED} from 'src/realtime/capability_events';
import {emitChannelEvent} from 'src/realtime/channel_events';
import {longIncidents} from 'src/realtime/long_incidents';
import {changedIn, createdIn, deletedIn, incidentIn, postIn} from 'src/realtime/payload';
import {WebSocketMessage} from 'src/host/registry';
import {currentTeamId, currentUserId, HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {clearCache, refresh} from 'src/query/client';
import {gatheredRefresh} from 'src/query/gathered_refresh';
import {bringChannelBack, isArchived} from 'src/store/archived_channel';
import {changeListPages, listedRow} from 'src/store/incident_lists';
import {confirmedIncident, forgetChannel, incidentDeleted, isDeleted, noteChanged, receiveIncident, reloadIncident, statusPostDeleted} from 'src/store/incidents';
import {INCIDENT, INCIDENT_CHANNELS, INCIDENT_LISTS} from 'src/store/keys';
import {forgetMembers} from 'src/store/members';
import {forgetTeamsExcept, knowsChannels, loadChannels, newestPostDeleted} from 'src/store/my_incidents';
import {postEdited} from 'src/store/posts';
import {toSummary} from 'src/store/summary';
import {AnyIncident, Incident, IncidentChanged, IncidentCreated} from 'src/types/incident';

const JOIN_WAIT_MS = 300;

/** What lists show, filter and sort by. */
const listed = ({name, is_active: isActive, end_at: end, commander_user_id: commander, severity}: AnyIncident) => JSON.stringify([name, isActive, end, commander, severity?.key ?? '']);

/** Events may have been missed: requests what is shown again, and the rest when it is shown next. */
export function refreshAfterReconnect(teamId: string): void {
    forgetTeamsExcept(teamId);
    void loadChannels(teamId);
    void refresh([], ([kind]) => kind !== INCIDENT_CHANNELS);
}

/**
 * Websocket events and reconnects, turned into changes of the data. `created` is called for incidents that the user
 * started, with the id of the browser tab. Returns the handlers by event name, for registration.
 */
export function realtimeHandlers(store: HostStore, created: (event: IncidentCreated) => void) {
    const joinTimers = new Map<string, number>();
    const lists = gatheredRefresh(INCIDENT_LISTS);

    const take = (incident: Incident) => {
        if (isDeleted(incident.id)) {
            return;
        }
        const before = listedRow(incident.id) ?? confirmedIncident(incident.channel_id);
        receiveIncident(incident);
        if (incident.is_active && isArchived(store, incident.channel_id)) {
            void bringChannelBack(store, incident.channel_id);
        }
        changeListPages(toSummary(incident));
        if (incident.team_id === currentTeamId(store.getState()) && (!before || listed(before) !== listed(incident))) {
            lists.soon();
        }
    };

    const long = longIncidents(noteChanged, take);

    const changedOnly = (changed: IncidentChanged) => {
        if (noteChanged(changed)) {
            long.want(changed);
        }
        if (changed.team_id === currentTeamId(store.getState())) {
            // Whether the change is one that lists show is not known.
            lists.soon();
        }
    };

    const joined = (teamId: string) => {
        window.clearTimeout(joinTimers.get(teamId));
        joinTimers.set(teamId, window.setTimeout(() => void loadChannels(teamId), JOIN_WAIT_MS));
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
        [`custom_${PLUGIN_ID}_incident_deleted`]({data}) {
            const deleted = deletedIn(data.payload);
            if (deleted) {
                incidentDeleted(deleted);
                emitCapabilityEvent(INCIDENT_DELETED, {id: deleted.id});
                lists.soon();
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
            forgetMembers(broadcast.channel_id);
            emitChannelEvent(String(broadcast.channel_id ?? ''));
            const teamId = String(data.team_id ?? '');
            if (data.user_id === currentUserId(store.getState()) && (teamId === currentTeamId(store.getState()) || knowsChannels(teamId))) {
                joined(teamId);
                lists.soon();
            }
        },
        user_removed({data, broadcast}) {
            const me = currentUserId(store.getState());
            const channelId = String(broadcast.channel_id || data.channel_id || '');
            forgetMembers(channelId);
            emitChannelEvent(channelId);
            if (broadcast.user_id === me || data.user_id === me) {
                forgetChannel(channelId);

                // Who has left a private channel may no longer see its incident.
                void refresh([INCIDENT]);
                lists.soon();
            }
        },
        posted({broadcast}) {
            emitChannelEvent(String(broadcast.channel_id ?? ''));
        },
        post_deleted({data}) {
            const post = postIn(data.post);
            if (!post) {
                return;
            }
            emitCapabilityEvent(POST_DELETED, {id: post.id});
            const at = post.delete_at || Date.now();
            if (statusPostDeleted(post.id, at)) {
                void reloadIncident(post.channel_id);
            } else {
                newestPostDeleted(post.channel_id, post.create_at);
            }
        },
        post_edited({data}) {
            const post = postIn(data.post);
            if (post) {
                postEdited(post);
            }
        },
    };

    const reconnected = () => {
        refreshAfterReconnect(currentTeamId(store.getState()));
    };

    const dispose = () => {
        joinTimers.forEach((timer) => window.clearTimeout(timer));
        lists.stop();
        long.dispose();
        clearCache();
    };

    return {events, reconnected, dispose};
}
