import * as ReactIntl from 'react-intl';

// What the client of 2026 gives to plugins beside what globals.ts does.
Object.assign(window, {
    ReactIntl,
    ProductApi: {},
    loadSharedDependency: () => Promise.reject(new Error('There is no such dependency.')),
});
