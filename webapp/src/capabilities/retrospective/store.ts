import {useCallback, useEffect, useRef} from 'react';

import {RETROSPECTIVE_EVENT} from 'src/capabilities/retrospective/at_start';
import {getRetrospective} from 'src/capabilities/retrospective/client';
import {known} from 'src/capabilities/retrospective/presence';
import {Retrospective, SavedSection, Section} from 'src/capabilities/retrospective/types';
import {changeData, client, QueryState, refresh, useQuery, withChanges} from 'src/query/client';
import {useLookAgain} from 'src/query/use_look_again';
import {onCapabilityEvent} from 'src/realtime/capability_events';
import {useIsIncidentChannel} from 'src/store/my_incidents';
import {Incident} from 'src/types/incident';

const RETROSPECTIVE = 'retrospective';

export const retrospectiveKey = (incidentId: string) => [RETROSPECTIVE, incidentId];

/** Keeps the newer revision, and the identity of sections that did not change. */
function newest(held: Retrospective | undefined, fresh: Retrospective): Retrospective {
    if (!held) {
        return fresh;
    }
    if (held.revision > fresh.revision) {
        return held;
    }
    const before = new Map(held.sections.map((section) => [section.key, section]));
    const sections = fresh.sections.map((section) => {
        const old = before.get(section.key);
        return old && JSON.stringify(old) === JSON.stringify(section) ? old : section;
    });
    return {...fresh, sections};
}

client.setQueryDefaults([RETROSPECTIVE], {structuralSharing: newest as <T>(held: T | undefined, fresh: T) => T});

/** Takes a whole document from an answer. */
export function receive(document: Retrospective): void {
    client.setQueryData(retrospectiveKey(document.incident_id), document);
}

/** Takes a section that was saved. */
export function receiveSection({incident_id: id, state, revision, section}: SavedSection): void {
    const held = heldRetrospective(id);
    if (!held || revision <= held.revision) {
        return;
    }
    // Its first change stores the whole draft, and others may have changed sections between.
    const isNext = held.state !== 'none' && revision === held.revision + 1;
    changeData<Retrospective>(retrospectiveKey(id), (document) => (revision <= document.revision ? document : {
        ...document,
        state,
        revision: isNext ? revision : document.revision,
        update_at: section.update_at,
        updated_by_id: section.updated_by_id,
        sections: document.sections.map((one) => (one.key === section.key ? section : one)),
    }));
    if (!isNext) {
        void refresh(retrospectiveKey(id));
    }
}

export const heldRetrospective = (incidentId: string) => client.getQueryData<Retrospective>(retrospectiveKey(incidentId));

export const sectionOf = (document: Retrospective | undefined, key: string): Section | undefined => document?.sections.find((section) => section.key === key);

interface Changed {
    incident_id: string;
    revision: number;
}

function changedIn(payload: unknown): Changed | undefined {
    try {
        const read = JSON.parse(String(payload)) as Partial<Changed> | null;
        return typeof read?.incident_id === 'string' && typeof read.revision === 'number' ? read as Changed : undefined;
    } catch {
        return undefined;
    }
}

/** The retrospective of an incident; it follows what others do. */
export function useRetrospective({id, channel_id: channelId, revision, is_active: isActive}: Incident): QueryState<Retrospective> {
    const key = retrospectiveKey(id);
    const state = useQuery<Retrospective>(key, (signal) => withChanges(key, known(getRetrospective(id, signal))));
    useEffect(() => onCapabilityEvent(RETROSPECTIVE_EVENT, ({payload}) => {
        const changed = changedIn(payload);
        if (changed?.incident_id === id && changed.revision > (heldRetrospective(id)?.revision ?? -1)) {
            void refresh(retrospectiveKey(id));
        }
    }), [id]);

    // Until it is stored it is made of the incident as it is. While that goes on, each task would mean a new reading.
    const isComputed = state.data?.state === 'none' && !isActive;
    const computedFor = useRef(revision);
    useEffect(() => {
        if (isComputed && computedFor.current !== revision) {
            void refresh(retrospectiveKey(id));
        }
        computedFor.current = revision;
    }, [id, revision, isComputed]);

    // One that is not stored is made of the whole timeline: it is asked for again only if the incident has changed.
    const readFor = useRef(revision);
    const isStored = state.data !== undefined && state.data.state !== 'none';
    const {reload} = state;
    const look = useCallback(() => {
        if (isStored || readFor.current !== revision) {
            readFor.current = revision;
            reload();
        }
    }, [isStored, revision, reload]);
    useLookAgain(!useIsIncidentChannel(channelId), look);
    return state;
}
