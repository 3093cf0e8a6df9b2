import {render} from '@testing-library/react';
import React from 'react';

import {client} from 'src/query/client';
import {toApiError} from 'src/query/retry';
import {refreshAfterReconnect} from 'src/realtime/handlers';
import {confirmedIncident, forgetChannel, noteChanged, receiveIncident, reloadIncident, shownIncident, statusPostDeleted, useIncident, useIncidentOfChannel} from 'src/store/incidents';
import {myIncidentsKey, ofChannelKey} from 'src/store/keys';
import {ensureChannels, isIncidentChannel, knowsChannels, loadChannels, myIncidents, useIncidentList} from 'src/store/my_incidents';
import {IncidentRow} from 'src/types/incident';

const errorOf = (key: string[]) => {
    const state = client.getQueryState(key);
    return state?.error && state.fetchStatus === 'idle' ? toApiError(state.error) : undefined;
};

function ShowIncident({channelId}: {channelId: string}) {
    useIncidentOfChannel(channelId);
    return null;
}

function ShowList({teamId, onRender}: {teamId: string; onRender?: (rows: IncidentRow[]) => void}) {
    const {incidents: rows} = useIncidentList(teamId);
    onRender?.(rows);
    return null;
}

function ShowById({id}: {id: string}) {
    useIncident(id);
    return null;
}

/** What tests do with the incidents of the cache, and see of them. */
export const incidents = {
    receive: receiveIncident,
    forget: forgetChannel,
    confirmed: confirmedIncident,
    isIncidentChannel,
    knowsChannels,
    loadChannels,
    ensureChannels,
    statusPostDeleted,
    hasChanged: noteChanged,
    reload: reloadIncident,
    reconnect: refreshAfterReconnect,

    /** What is shown of the incident of a channel. */
    read: (channelId: string) => ({incident: shownIncident(channelId), error: errorOf(ofChannelKey(channelId))}),

    /** Requests the incident of a channel. */
    load: (channelId: string): Promise<unknown> => client.fetchQuery({queryKey: ofChannelKey(channelId)}).catch(() => undefined),

    /** Requests the user's list of a team. */
    loadList: (teamId: string): Promise<unknown> => client.fetchQuery({queryKey: myIncidentsKey(teamId), staleTime: 0}).catch(() => undefined),

    list(teamId: string) {
        const error = errorOf(myIncidentsKey(teamId));
        return {incidents: myIncidents(teamId), error, isLoading: !error && client.getQueryData(myIncidentsKey(teamId)) === undefined};
    },

    /** Mounts a component that shows the incident of a channel; returns the end of that. */
    watch: (channelId: string): (() => void) => render(<ShowIncident channelId={channelId}/>).unmount,

    /** Mounts a component that shows the incident of an id, as its page does; returns the end of that. */
    watchById: (id: string): (() => void) => render(<ShowById id={id}/>).unmount,

    /** Mounts a component that shows the user's list of a team; returns the end of that. */
    watchList: (teamId: string): (() => void) => render(<ShowList teamId={teamId}/>).unmount,

    /** What a component that shows the user's list of a team has got each time it was rendered. */
    seenLists(teamId: string) {
        const seen: IncidentRow[][] = [];
        const show = () => (
            <ShowList
                teamId={teamId}
                onRender={(rows) => seen.push(rows)}
            />
        );
        const {rerender} = render(show());
        return {seen, renderAgain: () => rerender(show())};
    },
};
