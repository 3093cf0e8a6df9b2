import {ApiError} from 'src/client/http';
import {getIncidentByChannel, listActive, listIncidentChannels} from 'src/client/incidents';
import {Change, Entry, IncidentState, isSameList, isWanting, listOf, ListState, newEntry, newTeamEntry, noteChannel, NOTHING, TeamEntry} from 'src/data/incident_entries';
import {compareAge, newest, withPostDeleted} from 'src/data/merge';
import {Observable} from 'src/data/observable';
import {backOff, isTransient, MOST_REPETITIONS, toApiError} from 'src/data/retry';
import {Incident, IncidentChanged} from 'src/types/incident';

/**
 * The incidents of the channels that the user is a member of: one shared copy per channel, kept by the newest of what
 * requests and events bring. Older revisions are dropped, whichever way they come.
 */
export class IncidentStore extends Observable {
    private entries = new Map<string, Entry>();
    private teams = new Map<string, TeamEntry>();
    private lists = new Map<string, ListState>();
    private me = '';

    setUser(id: string): void {
        this.me = id;
    }

    /** Whether the channel is known to belong to an incident, ongoing or ended, of which the user is a member. */
    isIncidentChannel(channelId: string): boolean {
        return [...this.teams.values()].some((team) => team.channels.has(channelId));
    }

    /** Whether it is known which of the team's channels belong to incidents. */
    knowsChannels(teamId: string): boolean {
        return this.teams.get(teamId)?.channelState === 'ready';
    }

    read(channelId: string): IncidentState {
        return this.entries.get(channelId)?.state ?? NOTHING;
    }

    /** All incidents that are held, changes under way included. */
    all(): Incident[] {
        return [...this.entries.values()].flatMap(({state}) => state.incident ?? []);
    }

    /** The user's ongoing incidents of a team, newest start first. */
    list(teamId: string): ListState {
        const next = listOf(this.all(), teamId, this.teams.get(teamId));
        const last = this.lists.get(teamId);
        if (last && isSameList(last, next)) {
            return last;
        }
        this.lists.set(teamId, next);
        return next;
    }

    /**
     * Says that a component shows the incident; returns the end of that. A failure that another component shows already is
     * not tried again because of one more.
     */
    watch(channelId: string): () => void {
        const entry = this.entry(channelId);
        const isShown = entry.viewers > 0;
        entry.viewers++;
        if (isWanting(entry) && !entry.isFetching && !(isShown && entry.state.error)) {
            void this.load(channelId);
        }
        return () => {
            entry.viewers--;
        };
    }

    /** Says that a component shows the team's list; returns the end of that. */
    watchList(teamId: string): () => void {
        const team = this.team(teamId);
        team.viewers++;
        if (team.listState === 'idle' || team.listState === 'failed') {
            void this.loadList(teamId);
        }
        return () => {
            team.viewers--;
        };
    }

    /** Asks for the incident of a channel. An answer that is older than what an event brought meanwhile is dropped. */
    async load(channelId: string): Promise<void> {
        const entry = this.entry(channelId);
        const {life} = entry;
        const sequence = ++entry.sequence;
        const before = entry.base;
        entry.isFetching = true;
        this.show(entry, undefined);
        try {
            const incident = await getIncidentByChannel(channelId);
            if (entry.life === life && entry.sequence === sequence) {
                entry.isFetching = false;
                this.take(entry, incident);
            } else if (entry.life === life) {
                // It was asked for once more meanwhile. This answer has what waits for it, and leaves the rest to the later one.
                entry.base = newest(entry.base, incident);
                this.show(entry, entry.state.error);
            }
        } catch (cause) {
            if (entry.life !== life || entry.sequence !== sequence) {
                return;
            }
            entry.isFetching = false;
            const error = toApiError(cause);
            if (error.isNotFound && entry.base && entry.base !== before) {
                // An event has brought it meanwhile.
                void this.load(channelId);
            } else if (error.isNotFound) {
                this.forget(channelId);
            } else {
                this.show(entry, error);
            }
        }
    }

    /**
     * Learns which channels of a team belong to the user's incidents. A transient failure is repeated with growing delays,
     * MOST_REPETITIONS times; after that, and after a refusal, a reconnect or an event about the user asks again.
     */
    async loadChannels(teamId: string): Promise<void> {
        const team = this.team(teamId);
        const sequence = ++team.channelSequence;
        const wereKnown = team.channelState === 'ready';
        window.clearTimeout(team.timer);
        team.channelState = team.channelState === 'ready' ? 'ready' : 'loading';
        team.meanwhile.clear();
        try {
            const channels = new Set(await listIncidentChannels({team_id: teamId, member_id: this.me}));
            if (team.channelSequence !== sequence) {
                return;
            }
            team.meanwhile.forEach((added, id) => (added ? channels.add(id) : channels.delete(id)));
            const joined = [...channels].some((id) => !team.channels.has(id) && isWanting(this.entries.get(id)));
            team.channels = channels;
            team.channelState = 'ready';
            team.attempt = 0;
            this.entries.forEach((entry, id) => {
                // There are no events of a channel that one is not in.
                entry.isStale ||= entry.base?.team_id === teamId && !channels.has(id);
            });
            this.notify();
            if (joined && (team.listState === 'ready' || (wereKnown && team.listState === 'loading'))) {
                this.renewList(teamId, team);
            }
        } catch (cause) {
            if (team.channelSequence !== sequence) {
                return;
            }
            if (team.channelState !== 'ready') {
                team.channelState = isTransient(cause) ? 'failed' : 'refused';
            }
            if (isTransient(cause) && team.attempt < MOST_REPETITIONS) {
                team.attempt++;
                team.timer = window.setTimeout(() => void this.loadChannels(teamId), backOff(team.attempt));
            }
        }
    }

    /** As loadChannels, unless that is known already, under way or refused. A wait after a failure is cut short. */
    ensureChannels(teamId: string): void {
        const team = this.team(teamId);
        if (team.channelState === 'idle' || team.channelState === 'failed') {
            team.attempt = 0;
            void this.loadChannels(teamId);
        }
    }

    /** Asks for the team's ongoing incidents; those that are not in the answer are given up. */
    async loadList(teamId: string): Promise<void> {
        const team = this.team(teamId);
        const sequence = ++team.listSequence;
        team.listState = team.listState === 'ready' ? 'ready' : 'loading';
        team.listError = undefined;
        team.gone.clear();
        this.notify();
        const before = new Map([...this.entries].map(([id, entry]) => [id, entry.base]));
        try {
            const found = await listActive(teamId, this.me);
            if (team.listSequence !== sequence) {
                return;
            }
            const answered = new Set(found.map((incident) => incident.channel_id));
            before.forEach((base, channelId) => {
                const entry = this.entries.get(channelId);
                if (base?.team_id === teamId && base.is_active && !answered.has(channelId) && entry?.base === base && entry.viewers === 0) {
                    this.drop(channelId, entry);
                }
            });
            team.listState = 'ready';
            found.filter(({channel_id: id}) => !team.gone.has(id)).forEach((incident) => this.receive(incident));
            this.notify();
        } catch (cause) {
            if (team.listSequence === sequence) {
                team.listState = team.listState === 'ready' ? 'ready' : 'failed';
                team.listError = toApiError(cause);
                this.notify();
            }
        }
    }

    /** Takes an incident of mine from an answer or event, unless what is held is newer. */
    receive(incident: Incident): void {
        noteChannel(this.team(incident.team_id), incident.channel_id, true);
        this.take(this.entry(incident.channel_id), incident);
    }

    /**
     * Learns from an event that an incident of mine has changed. What is held of it is out of date then, and is asked for when
     * it is shown next. Returns whether it is shown now.
     */
    hasChanged(changed: IncidentChanged): boolean {
        const team = this.team(changed.team_id);
        noteChannel(team, changed.channel_id, true);
        const entry = this.entries.get(changed.channel_id);
        if (entry?.base && compareAge(entry.base, changed) >= 0) {
            return false;
        }
        if (entry) {
            entry.isStale = true;
        }
        const isShown = Boolean(entry && entry.viewers > 0) || (team.viewers > 0 && entry?.base?.is_active !== false);
        if (!isShown) {
            this.renewList(changed.team_id, team);
        }
        this.notify();
        return isShown;
    }

    /** The user is no longer in the channel, or it has no incident. */
    forget(channelId: string): void {
        this.teams.forEach((team) => noteChannel(team, channelId, false));
        const entry = this.entries.get(channelId);
        if (entry) {
            entry.life++;
            entry.base = undefined;
            entry.isFetching = false;
            entry.isStale = false;
            entry.pending.clear();
            entry.state = {isLoading: false};
            if (entry.viewers === 0) {
                this.entries.delete(channelId);
            }
        }
        this.notify();
    }

    /** Changes what is shown before the server has confirmed it; the returned function takes that back. */
    preview(channelId: string, change: Change): () => void {
        const entry = this.entry(channelId);
        const wrapped: Change = (incident) => change(incident);
        entry.pending.add(wrapped);
        this.show(entry, entry.state.error);
        return () => {
            if (entry.pending.delete(wrapped)) {
                this.show(entry, entry.state.error);
            }
        };
    }

    /** What the server said last, without changes under way. */
    confirmed(channelId: string): Incident | undefined {
        return this.entries.get(channelId)?.base;
    }

    /** A post was deleted; returns whether it was a status update of one of the incidents. */
    statusPostDeleted(postId: string, at: number): boolean {
        const entry = [...this.entries.values()].find(({base}) => base?.status_posts.some(({id}) => id === postId));
        if (!entry?.base) {
            return false;
        }
        entry.base = withPostDeleted(entry.base, postId, at);
        this.show(entry, undefined);
        return true;
    }

    /** After a lost connection: asks again for what is shown, and lets go of what cannot be trusted any more. */
    reconnect(currentTeamId: string): void {
        this.teams.forEach((team, id) => {
            if (id === currentTeamId) {
                team.attempt = 0;
                void this.loadChannels(id);
                this.renewList(id, team);
            } else {
                window.clearTimeout(team.timer);
                team.channelSequence++;
                team.listSequence++;
                this.teams.delete(id);
            }
        });
        this.entries.forEach((entry, channelId) => {
            if (entry.viewers > 0) {
                void this.load(channelId);
            } else if (entry.base?.is_active && entry.base.team_id === currentTeamId && this.team(currentTeamId).viewers > 0) {
                // The list has it on the screen.
                entry.sequence++;
                entry.isFetching = false;
                entry.isStale = true;
            } else {
                this.drop(channelId, entry);
            }
        });
        this.notify();
    }

    dispose(): void {
        this.teams.forEach((team) => {
            window.clearTimeout(team.timer);
            team.channelSequence++;
            team.listSequence++;
        });
        this.entries.forEach((entry) => entry.life++);
        this.teams.clear();
        this.entries.clear();
        this.lists.clear();
    }

    /** What the list was answered is out of date: it is asked for again, now if it is shown, else when it is shown next. */
    private renewList(teamId: string, team: TeamEntry): void {
        if (team.viewers > 0) {
            void this.loadList(teamId);
        } else {
            team.listState = 'idle';
            team.listSequence++;
        }
    }

    private take(entry: Entry, incident: Incident): void {
        entry.base = newest(entry.base, incident);
        entry.isStale = !this.isIncidentChannel(incident.channel_id);
        this.show(entry, undefined);
    }

    /** Forgets what is held, and what was asked before. */
    private drop(channelId: string, entry: Entry): void {
        entry.life++;
        this.entries.delete(channelId);
    }

    private show(entry: Entry, error: ApiError | undefined): void {
        const incident = entry.base && [...entry.pending].reduce((shown, change) => change(shown), entry.base);
        entry.state = {incident, error, isLoading: !incident && !error && entry.isFetching};
        this.notify();
    }

    private entry(channelId: string): Entry {
        let entry = this.entries.get(channelId);
        if (!entry) {
            entry = newEntry();
            this.entries.set(channelId, entry);
        }
        return entry;
    }

    private team(teamId: string): TeamEntry {
        let team = this.teams.get(teamId);
        if (!team) {
            team = newTeamEntry();
            this.teams.set(teamId, team);
        }
        return team;
    }
}

export const incidents = new IncidentStore();
