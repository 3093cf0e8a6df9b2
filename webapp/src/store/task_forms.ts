import {ApiError} from 'src/client/http';
import {onClear} from 'src/query/client';
import {Observable, useObserved} from 'src/query/observable';
import {toApiError} from 'src/query/retry';
import {keepInTab, keptInTab} from 'src/host/tab_storage';
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

const STORED = 'task-forms';

type Kept = [string, Pick<TaskFormState, 'before' | 'typed'>];

const isTexts = (value: unknown): value is Record<string, string> =>
    typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');

function isKept(value: unknown): value is Kept {
    if (!Array.isArray(value) || typeof value[0] !== 'string') {
        return false;
    }
    const {before, typed} = (value[1] ?? {}) as Record<string, unknown>;
    return isTexts(before) && isTexts(typed) && ['title', 'command', 'description'].every((field) => field in before);
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

    /** Whose forms are kept over a reload; '' until it is known. */
    private user = '';

    /** Opens the forms again that the user has typed in before a reload or an upgrade of the plugin. */
    restore(userId: string): void {
        if (!userId || this.user === userId) {
            return;
        }
        this.user = userId;
        const kept = keptInTab(userId, STORED);
        if (!Array.isArray(kept)) {
            return;
        }
        kept.filter(isKept).filter(([key]) => !this.forms.has(key)).forEach(([key, {before, typed}]) => this.forms.set(key, {before, typed, busy: false}));
        this.notify();
    }

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
        this.keep();
        this.notify();
    }

    /** Forgets them until they are restored. */
    dispose(): void {
        this.forms.clear();
        this.user = '';
    }

    private put(key: string, form: TaskFormState): void {
        this.forms.set(key, form);
        this.keep();
        this.notify();
    }

    private keep(): void {
        if (this.user) {
            const typed = [...this.forms].filter(([, form]) => Object.keys(form.typed).length > 0).map(([key, form]) => [key, {before: form.before, typed: form.typed}]);
            keepInTab(this.user, STORED, typed.length ? typed : undefined);
        }
    }
}

export const taskForms = new TaskForms();
onClear(() => taskForms.dispose());

/** The form, or undefined while it is closed. */
export function useTaskForm(key: string): TaskFormState | undefined {
    return useObserved(taskForms, () => taskForms.read(key));
}
