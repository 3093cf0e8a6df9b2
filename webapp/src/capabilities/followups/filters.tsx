import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import React, {ReactNode, useCallback} from 'react';
import {useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import styles from 'src/capabilities/followups/followups.module.css';
import {usePlaybooks} from 'src/capabilities/followups/store';
import {Counts} from 'src/capabilities/followups/types';
import {HostState} from 'src/host/store';
import {Playbook} from 'src/types/playbook';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {useLateChoices} from 'src/ui/late_choice';
import {MenuList} from 'src/ui/menu';
import {Picker} from 'src/ui/picker';
import {Popup, PopupFrame, usePopup} from 'src/ui/popup';
import popupStyles from 'src/ui/popup.module.css';

export const VIEWS = ['open', 'overdue', 'done', 'dropped', 'all'] as const;
export type View = typeof VIEWS[number];

/** What the page shows; it is in its address. '' is all. */
export interface Filters {
    view: View;
    mine: boolean;
    team: string;
    playbook: string;
}

interface OpenerProps {
    popup: Popup;
    label: string;

    /** What is chosen; the label stands alone where nothing is. */
    chosen: ReactNode;
    kind: 'menu' | 'listbox';
    children: ReactNode;
}

function Filter({popup, label, chosen, kind, children}: OpenerProps) {
    return (
        <PopupFrame
            popup={popup}
            opener={(
                <button
                    type='button'
                    className={popupStyles.opener}
                    aria-haspopup={kind}
                    aria-expanded={popup.isOpen}
                    title={label}
                    onClick={popup.toggle}
                >
                    <span className={styles.chosen}>{chosen}</span>
                    <Icon
                        of={ChevronDown}
                        size={14}
                    />
                </button>
            )}
        >
            {children}
        </PopupFrame>
    );
}

interface Props {
    filters: Filters;
    onChange: (filters: Partial<Filters>) => void;

    /** Of the team and playbook that are chosen. */
    counts?: Counts;
}

function ViewFilter({filters: {view, mine}, onChange, counts}: Props) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const label = formatMessage({id: 'followups.state', defaultMessage: 'State'});
    const names: Record<View, string> = {
        open: formatMessage({id: 'followups.open', defaultMessage: 'Open'}),
        overdue: formatMessage({id: 'followups.overdue', defaultMessage: 'Overdue'}),
        done: formatMessage({id: 'followups.done', defaultMessage: 'Done'}),
        dropped: formatMessage({id: 'followups.dropped', defaultMessage: 'Dropped'}),
        all: formatMessage({id: 'followups.all', defaultMessage: 'All states'}),
    };
    // Of the user's own closed ones there are no numbers.
    const numbers: Partial<Record<View, number>> = mine ?
        {open: counts?.mine, overdue: counts?.mine_overdue} :
        {open: counts?.open, overdue: counts?.overdue, done: counts?.done, dropped: counts?.dropped};
    const text = (one: View) => (
        <span>
            {names[one]}
            {numbers[one] !== undefined && <span className={styles.muted}>{` (${numbers[one]})`}</span>}
        </span>
    );
    return (
        <Filter
            popup={popup}
            label={label}
            chosen={text(view)}
            kind='menu'
        >
            <MenuList
                label={label}
                entries={VIEWS.map((one) => ({key: one, text: text(one), isChecked: one === view, onChoose: () => onChange({view: one})}))}
                onDone={popup.close}
            />
        </Filter>
    );
}

function TeamFilter({filters: {team}, onChange}: Props) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const teams = useSelector((state: HostState) => state.entities.teams.teams);
    const label = formatMessage({id: 'followups.team', defaultMessage: 'Team'});
    const every = formatMessage({id: 'followups.all_teams', defaultMessage: 'All teams'});
    const names = Object.values(teams).flatMap((one) => (one ? {id: one.id, name: one.display_name} : [])).sort((a, b) => a.name.localeCompare(b.name));
    const known = [{id: '', name: every}, ...names];
    return (
        <Filter
            popup={popup}
            label={label}
            chosen={<bdi>{known.find(({id}) => id === team)?.name ?? label}</bdi>}
            kind='menu'
        >
            <MenuList
                label={label}
                entries={known.map(({id, name}) => ({key: id || 'all', text: <bdi>{name}</bdi>, isChecked: id === team, onChoose: () => onChange({team: id, playbook: ''})}))}
                onDone={popup.close}
            />
        </Filter>
    );
}

function PlaybookFilter({filters: {team, playbook}, onChange}: Props) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const playbooks = usePlaybooks(team);
    const label = formatMessage({id: 'followups.playbook', defaultMessage: 'Playbook'});
    const every = formatMessage({id: 'followups.all_playbooks', defaultMessage: 'All playbooks'});
    const load = useCallback(async () => ({options: playbooks, hasMore: false}), [playbooks]);
    const search = useCallback(async (term: string) => playbooks.filter(({title}) => title.toLocaleLowerCase().includes(term.toLocaleLowerCase())), [playbooks]);
    const take = ({id}: Playbook) => onChange({playbook: id});
    const lateChoices = useLateChoices(take);
    if (playbooks.length === 0 && !playbook) {
        return null;
    }
    const chosen = playbooks.find(({id}) => id === playbook)?.title;
    return (
        <Filter
            popup={popup}
            label={label}
            chosen={<bdi>{playbook ? chosen ?? formatMessage({id: 'followups.one_playbook', defaultMessage: 'One playbook'}) : every}</bdi>}
            kind='listbox'
        >
            <Picker<Playbook>
                label={label}
                placeholder={formatMessage({id: 'people.search', defaultMessage: 'Search'})}
                load={load}
                search={search}
                keyOf={({id}) => id}
                selectedKey={playbook}
                reset={playbook ? {
                    text: every,
                    onReset: () => {
                        popup.close();
                        onChange({playbook: ''});
                    },
                } : undefined}
                render={({title}) => <bdi>{title}</bdi>}
                onChoose={(one) => {
                    popup.close();
                    take(one);
                }}
                lateChoices={lateChoices}
            />
        </Filter>
    );
}

/** What is listed: the user's own, by state, team and playbook. */
export function FilterBar(props: Props) {
    const {formatMessage} = useIntl();
    const {filters, onChange} = props;
    return (
        <div
            role='group'
            aria-label={formatMessage({id: 'followups.filters', defaultMessage: 'Filters'})}
            className={styles.filters}
        >
            <Button
                className={styles.mine}
                aria-pressed={filters.mine}
                onClick={() => onChange({mine: !filters.mine})}
            >
                {formatMessage({id: 'followups.mine', defaultMessage: 'Mine'})}
            </Button>
            <ViewFilter {...props}/>
            <TeamFilter {...props}/>
            <PlaybookFilter {...props}/>
        </div>
    );
}
