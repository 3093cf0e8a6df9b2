import React, {KeyboardEvent, MutableRefObject, ReactNode, useCallback, useEffect, useRef, useState} from 'react';
import {defineMessages, FormattedMessage, MessageDescriptor, useIntl} from 'react-intl';

import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {useDomId} from 'src/ui/ids';
import {pressedKey} from 'src/host/keys';
import {LateChoices} from 'src/ui/late_choice';
import {ErrorNotice, ShownError} from 'src/ui/notice';
import styles from 'src/ui/picker.module.css';
import {showToast} from 'src/ui/toast';
import {useDebounced} from 'src/ui/use_debounced';

const LATE = defineMessages({
    none: {id: 'ui.picker.late_none', defaultMessage: 'Nothing was chosen: nothing was found for “{term}”.'},
    failed: {id: 'ui.picker.late_failed', defaultMessage: 'Nothing was chosen: the search for “{term}” failed.'},
});

const SEARCH_DELAY = 150;
const ALMOST_AT_END = 80;

/** So many options fill the list. */
const FULL = 10;

export interface OptionPage<T> {
    options: T[];
    hasMore: boolean;
}

export interface PickerProps<T> {
    /** Accessible name of the list. */
    label: string;

    /** One page of what is offered without a search; has to be the same function as long as the same is offered. */
    load: (page: number, signal: AbortSignal) => Promise<OptionPage<T>>;
    search: (term: string, signal: AbortSignal) => Promise<T[]>;
    keyOf: (option: T) => string;
    render: (option: T) => ReactNode;
    selectedKey?: string;

    /** Keys of options that are not offered, as when they are chosen already. */
    leftOut?: string[];
    reset?: {text: ReactNode; onReset: () => void};

    /** Offered below `reset`: something else than one of the options. */
    action?: {text: ReactNode; onAct: () => void};
    onChoose: (option: T) => void;

    /**
     * Take a choice whose answer came after the list was closed: Enter was pressed on a slow line and the focus moved on.
     * Without them such a choice is dropped. They belong to the owner of the list, which outlasts it.
     */
    lateChoices?: LateChoices<T>;

    /** Prefix of the class names of the parts, for automation. */
    hook?: string;

    /** Text in the empty search box. */
    placeholder?: string;
}

interface Found<T> extends OptionPage<T> {
    page: number;
    term: string;
    busy: boolean;
    error?: ShownError;
}

const asShown = (cause: unknown): ShownError => {
    const {status = 0, details = '', code = ''} = (cause ?? {}) as Partial<ShownError>;
    return {status, details, code};
};

function useOptions<T>({load, search, keyOf}: PickerProps<T>, term: string) {
    const [found, setFound] = useState<Found<T>>({options: [], hasMore: false, page: 0, term: '', busy: true});
    const [attempt, setAttempt] = useState(0);
    const tools = useRef({load, search, keyOf});
    tools.current = {load, search, keyOf};
    const abort = useRef<AbortController>();

    const fetchPage = useCallback(async (wanted: string, page: number, before: T[]) => {
        abort.current?.abort();
        const controller = new AbortController();
        abort.current = controller;
        setFound((old) => ({...old, busy: true, error: undefined}));
        try {
            // Of a page all may have been left out; a list that is not full cannot be scrolled to get the next one.
            for (let next = page, options = before, busy = true; busy; next++) {
                const answer = wanted ? {options: await tools.current.search(wanted, controller.signal), hasMore: false} : await tools.current.load(next, controller.signal);
                if (controller.signal.aborted) {
                    return;
                }
                options = [...new Map([...options, ...answer.options].map((option) => [tools.current.keyOf(option), option])).values()];
                busy = answer.hasMore && options.length < FULL;
                setFound({options, hasMore: answer.hasMore, page: next, term: wanted, busy});
            }
        } catch (cause) {
            if (!controller.signal.aborted) {
                setFound((old) => ({...old, busy: false, error: asShown(cause)}));
            }
        }
    }, []);

    useEffect(() => {
        void fetchPage(term, 0, []);
        return () => abort.current?.abort();
    }, [term, load, attempt, fetchPage]);

    const more = () => {
        if (found.hasMore && !found.busy) {
            void fetchPage('', found.page + 1, found.options);
        }
    };
    return {found, more, retry: () => setAttempt(attempt + 1)};
}

/** Makes the choice that Enter has confirmed when its list has been closed before the answer came. */
function useLateChoice<T>({search, lateChoices}: PickerProps<T>, awaited: MutableRefObject<string | undefined>): void {
    const {formatMessage} = useIntl();
    const tell = (message: MessageDescriptor, term: string) => showToast(formatMessage(message, {term}));
    const latest = useRef({search, lateChoices, tell});
    latest.current = {search, lateChoices, tell};
    useEffect(() => {
        const giveUp = (event: globalThis.KeyboardEvent) => {
            if (pressedKey(event) === 'Escape') {
                awaited.current = undefined;
            }
        };
        document.addEventListener('keydown', giveUp, true);
        return () => {
            document.removeEventListener('keydown', giveUp, true);
            const term = awaited.current;
            const {search: find, lateChoices: owner, tell} = latest.current;
            if (term === undefined || !owner) {
                return;
            }
            const {isOver, take} = owner.begin();
            find(term, new AbortController().signal).then(([first]) => {
                if (isOver()) {
                    return;
                }
                if (first === undefined) {
                    tell(LATE.none, term);
                } else {
                    take(first);
                }
            }, () => isOver() || tell(LATE.failed, term));
        };
    }, [awaited]);
}

/** A search box over a list of options that the server pages and searches. Arrows move, Enter chooses. */
export function Picker<T>(props: PickerProps<T>) {
    const {label, keyOf, render, selectedKey, leftOut, reset, action, onChoose, hook = 'incident-picker', placeholder} = props;
    const {formatMessage} = useIntl();
    const id = useDomId('picker');
    const [typed, setTyped] = useState('');
    const [marked, setMarked] = useState(0);
    const term = useDebounced(typed.trim(), SEARCH_DELAY);
    const {found, more, retry} = useOptions(props, term);
    const list = useRef<HTMLDivElement>(null);
    const options = leftOut?.length ? found.options.filter((option) => !leftOut.includes(keyOf(option))) : found.options;
    const active = Math.max(0, Math.min(options.length - 1, marked));

    /** The term for which Enter was pressed before its answer came. */
    const awaited = useRef<string>();
    const chooseFirst = useRef<() => void>();
    const stopAwaiting = () => {
        awaited.current = undefined;
        props.lateChoices?.supersede();
    };
    const choose = (option: T) => {
        stopAwaiting();
        onChoose(option);
    };
    chooseFirst.current = () => options[0] !== undefined && choose(options[0]);
    useLateChoice(props, awaited);
    useEffect(() => setMarked(0), [found.term]);
    useEffect(() => {
        if (found.error) {
            // The answer to another attempt is to be looked at first.
            awaited.current = undefined;
        } else if (awaited.current === found.term && !found.busy) {
            awaited.current = undefined;
            chooseFirst.current?.();
        }
    }, [found]);
    useEffect(() => {
        list.current?.children[active]?.scrollIntoView?.({block: 'nearest'});
    }, [active]);

    const onKeyDown = (event: KeyboardEvent) => {
        const key = pressedKey(event);
        if (key === 'ArrowDown' || key === 'ArrowUp') {
            event.preventDefault();
            const next = active + (key === 'ArrowDown' ? 1 : -1);
            if (next >= options.length - 1) {
                more();
            }
            setMarked(Math.max(0, Math.min(options.length - 1, next)));
        } else if (key === 'Enter') {
            event.preventDefault();
            // What is listed may still be the answer to an older term.
            if (found.term !== typed.trim()) {
                awaited.current = typed.trim();
            } else if (options[active]) {
                choose(options[active]);
            }
        }
    };
    const optionId = (index: number) => `${id}-option-${index}`;
    return (
        <div className={classes(hook, styles.picker)}>
            <input
                className={classes(`${hook}__control`, styles.search)}
                type='text'
                role='combobox'
                aria-label={label}
                aria-expanded={true}
                aria-controls={id}
                aria-autocomplete='list'
                aria-activedescendant={options.length ? optionId(active) : undefined}
                placeholder={placeholder ?? formatMessage({id: 'ui.picker.search', defaultMessage: 'Search'})}
                autoFocus={true}
                autoComplete='off'
                dir={typed ? 'auto' : undefined}
                value={typed}
                onChange={(event) => {
                    awaited.current = undefined;
                    setTyped(event.target.value);
                }}
                onKeyDown={onKeyDown}
            />
            {reset && (
                <Button
                    kind='quiet'
                    className={styles.reset}
                    onClick={() => {
                        stopAwaiting();
                        reset.onReset();
                    }}
                >
                    {reset.text}
                </Button>
            )}
            {action && (
                <Button
                    kind='quiet'
                    className={styles.reset}
                    onClick={() => {
                        stopAwaiting();
                        action.onAct();
                    }}
                >
                    {action.text}
                </Button>
            )}
            <div
                ref={list}
                id={id}
                role='listbox'
                aria-label={label}
                className={classes(`${hook}__menu`, styles.list)}
                onScroll={({currentTarget: at}) => at.scrollHeight - at.scrollTop - at.clientHeight < ALMOST_AT_END && more()}
            >
                {options.map((option, index) => (
                    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are those of the search box
                    <div
                        key={keyOf(option)}
                        id={optionId(index)}
                        role='option'
                        tabIndex={-1}
                        aria-selected={keyOf(option) === selectedKey}
                        className={classes(`${hook}__option`, styles.option, index === active && styles.active, keyOf(option) === selectedKey && styles.selected)}
                        onMouseDown={(event) => event.preventDefault()}
                        onClick={() => choose(option)}
                    >
                        {render(option)}
                    </div>
                ))}
            </div>
            <div
                role='status'
                className={classes((options.length === 0 || found.busy) && styles.note, options.length === 0 && found.busy && styles.waiting)}
            >
                {found.busy && options.length === 0 && (
                    <FormattedMessage
                        id='ui.loading'
                        defaultMessage='Loading…'
                    />
                )}
                {!found.busy && !found.error && found.options.length === 0 && (
                    <FormattedMessage
                        id='ui.picker.none'
                        defaultMessage='Nothing found'
                    />
                )}
            </div>
            {found.error && (
                <ErrorNotice
                    error={found.error}
                    onRetry={() => {
                        awaited.current = undefined;
                        retry();
                    }}
                >
                    <FormattedMessage
                        id='ui.picker.failed'
                        defaultMessage='The list could not be loaded.'
                    />
                </ErrorNotice>
            )}
        </div>
    );
}
