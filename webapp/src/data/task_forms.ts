import {ApiError} from 'src/client/http';
import {Observable, useObserved} from 'src/data/observable';
import {toApiError} from 'src/data/retry';
import {TaskDraft} from 'src/types/incident';

export interface TaskFormState {
    /** The task when the form was opened. */
    before: TaskDraft;

    /** The fields that the user has changed; the others follow the task. */
    typed: Partial<TaskDraft>;

    /** It is being saved. */
    busy: boolean;

    /** Why it could not be saved last. */
    error?: ApiError;
}

const NEW = 'new';
const EMPTY: TaskDraft = {title: '', command: '', description: ''};

/** Names the form of a task, or without one that of a new task of the stage. */
export const taskFormKey = (incidentId: string, stageId: string, taskId = NEW) => `${incidentId} ${stageId} ${taskId}`;

/**
 * The forms of tasks that are open, with what is typed in them. They are not kept by what shows them, because that comes
 * and goes with tab, stage, channel and sidebar.
 */
class TaskForms extends Observable {
    private forms = new Map<string, TaskFormState>();

    read(key: string): TaskFormState | undefined {
        return this.forms.get(key);
    }

    /** Ids of the tasks of a stage whose forms are open; NEW is not among them. */
    tasksIn(incidentId: string, stageId: string): string[] {
        const prefix = taskFormKey(incidentId, stageId, '');
        return [...this.forms.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)).filter((id) => id !== NEW);
    }

    isAnyOpen(incidentId: string, stageId: string): boolean {
        return this.forms.has(taskFormKey(incidentId, stageId)) || this.tasksIn(incidentId, stageId).length > 0;
    }

    open(key: string, {title, command, description}: TaskDraft = EMPTY): void {
        this.put(key, {before: {title, command, description}, typed: {}, busy: false});
    }

    type(key: string, part: Partial<TaskDraft>): void {
        const form = this.forms.get(key);
        if (form && !form.busy) {
            this.put(key, {...form, typed: {...form.typed, ...part}});
        }
    }

    /** Closes the form when what it holds has been sent; otherwise it stays with the reason. */
    async save(key: string, send: () => Promise<void>): Promise<void> {
        const form = this.forms.get(key);
        if (!form || form.busy) {
            return;
        }
        const saved = {...form, busy: true, error: undefined};
        this.put(key, saved);
        try {
            await send();
            if (this.forms.get(key) === saved) {
                this.close(key);
            }
        } catch (cause) {
            if (this.forms.get(key) === saved) {
                this.put(key, {...saved, busy: false, error: toApiError(cause)});
            }
        }
    }

    close(key: string): void {
        this.forms.delete(key);
        this.notify();
    }

    dispose(): void {
        this.forms.clear();
    }

    private put(key: string, form: TaskFormState): void {
        this.forms.set(key, form);
        this.notify();
    }
}

export const taskForms = new TaskForms();

/** The form, or undefined while it is closed. */
export function useTaskForm(key: string): TaskFormState | undefined {
    return useObserved(taskForms, () => taskForms.read(key));
}
