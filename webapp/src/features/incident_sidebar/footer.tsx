import React, {useState} from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';

import {capabilities} from 'src/capabilities/all';
import {Action} from 'src/query/use_action';
import {activeStage, isFinished} from 'src/incident/progress';
import {footerButton, SidebarFooter} from 'src/incident/sidebar_parts';
import {useCommand} from 'src/incident/use_command';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {LazyPart} from 'src/ui/lazy_page';
import {DotsMenu, MenuEntry} from 'src/ui/menu';
import {ErrorNotice} from 'src/ui/notice';

const restartDialogs = capabilities.flatMap(({restartDialog}) => restartDialog ?? []);

const FAILED = defineMessage({id: 'footer.failed', defaultMessage: 'The incident could not be changed.'});

/** Takes the incident from stage to stage, ends and restarts it. The server asks for confirmation where it is needed. */
export function Footer({incident}: {incident: Incident}) {
    const {formatMessage} = useIntl();
    const next = useCommand('/incident stage next', FAILED);
    const previous = useCommand('/incident stage prev', FAILED);
    const end = useCommand('/incident end', FAILED);
    const restart = useCommand('/incident restart', FAILED);
    const restartDialog = restartDialogs.find(({isShown}) => isShown({incident}));
    const [isAsking, setAsking] = useState(false);
    const {checklists, active_stage: active, is_active: isActive} = incident;
    const isLast = active >= checklists.length - 1;
    const stage = activeStage(incident);
    const isDone = !stage || isFinished(stage);
    const commands = [next, previous, end, restart];
    const isBusy = commands.some(({busy}) => busy);
    const failed = commands.find(({error}) => error);
    const run = (command: Action<[]>) => {
        // They share one place for errors: that of an earlier one would outlive the success of this one.
        commands.filter(({error}) => error).forEach(({clear}) => clear());
        void command.run();
    };

    const entries: MenuEntry[] = [];
    if (active > 0) {
        entries.push({
            key: 'previous',
            text: formatMessage({id: 'footer.previous', defaultMessage: 'Previous Stage'}),
            onChoose: () => run(previous),
        });
    }
    if (isActive && !isLast) {
        entries.push({
            key: 'end',
            text: formatMessage({id: 'footer.end', defaultMessage: 'End Incident'}),
            onChoose: () => run(end),
        });
    }

    let action = {command: next, isPrimary: isDone, text: formatMessage({id: 'footer.next', defaultMessage: 'Next Stage'})};
    if (!isActive) {
        action = {command: restart, isPrimary: true, text: formatMessage({id: 'footer.restart', defaultMessage: 'Restart Incident'})};
    } else if (isLast) {
        action = {command: end, isPrimary: isDone, text: formatMessage({id: 'footer.end', defaultMessage: 'End Incident'})};
    }
    return (
        <SidebarFooter>
            {failed && (
                <ErrorNotice error={failed.error}>
                    <FormattedMessage {...FAILED}/>
                </ErrorNotice>
            )}
            {checklists.length > 1 && entries.length > 0 && (
                <DotsMenu
                    label={formatMessage({id: 'footer.menu', defaultMessage: 'More actions'})}
                    prefer='above'
                    align='start'
                    disabled={isBusy}
                    entries={entries}
                />
            )}
            <Button
                kind={action.isPrimary ? 'primary' : 'secondary'}
                className={footerButton}
                busy={isBusy}
                onClick={() => (action.command === restart && restartDialog ? setAsking(true) : run(action.command))}
            >
                {action.text}
            </Button>
            {isAsking && restartDialog && (
                <LazyPart
                    load={restartDialog.load}
                    props={{incident, onClose: () => setAsking(false)}}
                />
            )}
        </SidebarFooter>
    );
}
