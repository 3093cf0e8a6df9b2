import React from 'react';
import {FormattedMessage} from 'react-intl';

import {Registry} from 'src/host/registry';
import {currentTeamName, HostStore} from 'src/host/store';
import {isNarrow, navigate} from 'src/host/window';
import {PluginIntl} from 'src/i18n/provider';
import {playbookListPath} from 'src/routes';

const SETTLE_MS = 300;

/** Keeps the entry of the main menu registered while the screen is wide enough for the pages. Returns the end of that. */
export function followWidth(registry: Registry, store: HostStore): () => void {
    let id = '';
    let timer: number | undefined;

    const update = () => {
        if (isNarrow() && id) {
            registry.unregisterComponent(id);
            id = '';
        } else if (!isNarrow() && !id) {
            id = registry.registerMainMenuAction(
                (
                    <PluginIntl>
                        <FormattedMessage
                            id='main_menu.entry'
                            defaultMessage='Playbooks & Incidents'
                        />
                    </PluginIntl>
                ),
                () => navigate(playbookListPath(currentTeamName(store.getState()))),
                null,
            );
        }
    };
    const resized = () => {
        window.clearTimeout(timer);
        timer = window.setTimeout(update, SETTLE_MS);
    };
    update();
    window.addEventListener('resize', resized);
    return () => {
        window.removeEventListener('resize', resized);
        window.clearTimeout(timer);
        if (id) {
            registry.unregisterComponent(id);
        }
    };
}
