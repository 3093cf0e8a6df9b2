import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import React, {useRef} from 'react';
import {useIntl} from 'react-intl';

import {ListFilterProps} from 'src/capabilities/capability';
import {levelOf} from 'src/capabilities/severity/level';
import {LevelBadge} from 'src/capabilities/severity/level_badge';
import styles from 'src/capabilities/severity/severity.module.css';
import {listPlaybooks} from 'src/client/playbooks';
import {useQuery} from 'src/query/client';
import {PlaybookPage} from 'src/types/playbook';
import {SeverityRow} from 'src/types/severity';
import {Icon} from 'src/ui/icon';
import {MenuList} from 'src/ui/menu';
import {PopupFrame, usePopup} from 'src/ui/popup';
import popupStyles from 'src/ui/popup.module.css';

/** Filters for incidents without a level. */
const NONE = 'none';

/** The levels that the team's playbooks and the rows so far have, the worst first as far as playbooks say so. */
function useLevels({teamId, rows}: ListFilterProps, isOpen: boolean): SeverityRow[] {
    const seen = useRef(new Map<string, SeverityRow>());
    rows.map(levelOf).forEach((level) => level && seen.current.set(level.key, level));
    const query = {team_id: teamId, per_page: 200, sort: 'title', direction: 'asc'} as const;
    const {data} = useQuery<PlaybookPage>(['severity-playbooks', teamId], (signal) => listPlaybooks(query, signal), {enabled: isOpen});
    const ofPlaybooks = (data?.items ?? []).flatMap(({severity}) => severity?.levels ?? []);
    return [...new Map([...ofPlaybooks, ...seen.current.values()].reverse().map((level) => [level.key, level])).values()].reverse();
}

/** Chooses the level of the incidents that are listed. */
export default function SeverityFilter(props: ListFilterProps) {
    const {value, onChange} = props;
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const levels = useLevels(props, popup.isOpen);
    const label = formatMessage({id: 'severity.title', defaultMessage: 'Severity'});
    const without = formatMessage({id: 'severity.without', defaultMessage: 'Without severity'});
    const entries = [
        ...levels.map((level) => ({
            key: `level-${level.key}`,
            value: level.key,
            text: (
                <span className={styles.head}>
                    <LevelBadge level={level}/>
                    <span dir='auto'>{level.name}</span>
                </span>
            ),
        })),
        {key: NONE, value: NONE, text: <span>{without}</span>},
        {key: 'all', value: '', text: <span>{formatMessage({id: 'severity.all', defaultMessage: 'All severities'})}</span>},
    ];
    return (
        <PopupFrame
            popup={popup}
            opener={(
                <button
                    type='button'
                    className={popupStyles.opener}
                    aria-haspopup='menu'
                    aria-expanded={popup.isOpen}
                    title={label}
                    data-testid='severity-filter'
                    onClick={popup.toggle}
                >
                    {value === NONE ? without : value.split(',').join(', ') || label}
                    <Icon
                        of={ChevronDown}
                        size={14}
                    />
                </button>
            )}
        >
            <MenuList
                label={label}
                entries={entries.map(({key, value: own, text}) => ({key, text, isChecked: own === value, onChoose: () => onChange(own)}))}
                onDone={popup.close}
            />
        </PopupFrame>
    );
}
