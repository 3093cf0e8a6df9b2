import {defineMessage} from 'react-intl';

import {useCommand} from 'src/incident/use_command';

export const UPDATE_FAILED = defineMessage({id: 'summary.update_failed', defaultMessage: 'The status update could not be opened.'});

/** Opens the dialog for a status update of the current channel's incident. */
export const useUpdate = () => useCommand('/incident update', UPDATE_FAILED);
