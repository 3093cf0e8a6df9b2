import {Incident} from 'src/types/incident';
import {PlaybookChannel, CHANNEL_LIMITS} from 'src/types/channel';

export type ChannelState =
    | {kind: 'archived'; at: number}
    | {kind: 'planned'; at: number}

    /** It is due, and happens within seconds. */
    | {kind: 'due'}
    | {kind: 'after_end'; days: number};

/** What becomes, or has become, of the channel of an incident; undefined when it stays. */
export function channelState({channel, is_active: isActive}: Pick<Incident, 'channel' | 'is_active'>, now: number): ChannelState | undefined {
    if (!channel) {
        return undefined;
    }
    const {archived_at: archivedAt, archive_at: archiveAt, archive_after_days: days = 0} = channel;
    if (archivedAt > 0) {
        return {kind: 'archived', at: archivedAt};
    }
    if (archiveAt > 0) {
        return archiveAt > now ? {kind: 'planned', at: archiveAt} : {kind: 'due'};
    }
    return isActive && days > 0 ? {kind: 'after_end', days} : undefined;
}

/** Whether the number of days of a playbook can be saved. */
export function isPossible(channel: PlaybookChannel | undefined): boolean {
    const days = channel?.archive_after_days ?? 0;
    return Number.isInteger(days) && days >= 0 && days <= CHANNEL_LIMITS.days;
}

/** Ids of incidents whose channel the user has just kept: they are told, also when nothing of the plan is left. */
export const justKept = new Set<string>();
