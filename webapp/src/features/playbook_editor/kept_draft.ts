import {useEffect, useRef} from 'react';

import {Draft, newStage, newTask} from 'src/playbook/draft';
import {keepInTab, keptInTab} from 'src/host/tab_storage';
import {Playbook} from 'src/types/playbook';

const FORM = 1;
const WAIT_MS = 400;

/** Unsaved changes of a playbook, with what it was when they were begun. */
export interface KeptDraft {
    draft: Draft;

    /** Undefined for a new playbook. */
    opened?: Playbook;
}

const nameOf = (key: string) => `playbook-draft:${key}`;

/** With fresh keys: those of before a reload would meet new ones. */
const withKeys = (draft: Draft): Draft => ({
    ...draft,
    stages: draft.stages.map((stage) => ({
        ...stage,
        key: newStage('').key,
        tasks: stage.tasks.map((task) => ({...task, key: newTask().key})),
    })),
});

/** The changes that the user has not saved before a reload or an upgrade of the plugin. */
export function keptDraft(userId: string, key: string, isStored: boolean): KeptDraft | undefined {
    const kept = keptInTab(userId, nameOf(key)) as Partial<KeptDraft & {form: number}> | undefined;
    if (kept?.form !== FORM || !kept.draft || !Array.isArray(kept.draft.stages) || !Array.isArray(kept.draft.memberIds) || isStored !== Boolean(kept.opened)) {
        return undefined;
    }
    return {draft: withKeys({...kept.draft, own: kept.draft.own ?? {}, added: kept.draft.added ?? {}}), opened: kept.opened};
}

/** Keeps changes for the editor that is opened next. */
export function keepDraft(userId: string, key: string, kept: KeptDraft): void {
    keepInTab(userId, nameOf(key), {form: FORM, ...kept});
}

/**
 * Keeps unsaved changes in the browser's tab; undefined means that there are none. They are written after a moment without
 * changes, and at once when the page or the editor goes. Returns the function that forgets them for good.
 */
export function useKeptDraft(userId: string, key: string, unsaved: KeptDraft | undefined): () => void {
    const latest = useRef(unsaved);
    latest.current = unsaved;
    const isOver = useRef(false);
    const write = useRef(() => undefined as void);
    write.current = () => {
        if (!isOver.current) {
            keepInTab(userId, nameOf(key), latest.current && {form: FORM, ...latest.current});
        }
    };
    const isFirst = useRef(true);
    useEffect(() => {
        if (isFirst.current) {
            isFirst.current = false;
            return undefined;
        }
        const timer = window.setTimeout(() => write.current(), WAIT_MS);
        return () => window.clearTimeout(timer);
    }, [unsaved]);
    useEffect(() => {
        const flush = () => write.current();
        window.addEventListener('pagehide', flush);
        return () => {
            window.removeEventListener('pagehide', flush);
            flush();
        };
    }, []);
    return () => {
        isOver.current = true;
        keepInTab(userId, nameOf(key), undefined);
    };
}
