import {onClear} from 'src/query/client';
import {Observable} from 'src/query/observable';
import {Incident} from 'src/types/incident';

export type Patch = (incident: Incident) => Incident;

const NONE: readonly Patch[] = [];

/** Optimistic updates: what the user has changed and the server has not confirmed yet, by the id of the incident. */
class PendingChanges extends Observable {
    private patches = new Map<string, readonly Patch[]>();

    /** In the order in which they were made. The list is the same object while nothing changes. */
    of(incidentId: string): readonly Patch[] {
        return this.patches.get(incidentId) ?? NONE;
    }

    /** Shows a change; returns the function that ends that. */
    add(incidentId: string, patch: Patch): () => void {
        const own: Patch = (incident) => patch(incident);
        this.put(incidentId, [...this.of(incidentId), own]);
        return () => this.put(incidentId, this.of(incidentId).filter((one) => one !== own));
    }

    /** Ends all changes of an incident. */
    remove(incidentId: string): void {
        this.put(incidentId, NONE);
    }

    clear(): void {
        [...this.patches.keys()].forEach((id) => this.remove(id));
    }

    private put(incidentId: string, patches: readonly Patch[]): void {
        if (patches.length === this.of(incidentId).length) {
            return;
        }
        if (patches.length === 0) {
            this.patches.delete(incidentId);
        } else {
            this.patches.set(incidentId, patches);
        }
        this.notify();
    }
}

export const pendingChanges = new PendingChanges();
onClear(() => pendingChanges.clear());

/** The incident as it is shown: what the server said, with the optimistic updates on top. */
export const withPatches = (incident: Incident | undefined, patches: readonly Patch[]): Incident | undefined =>
    incident && patches.reduce((shown, patch) => patch(shown), incident);
