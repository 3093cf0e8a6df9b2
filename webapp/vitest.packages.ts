/**
 * The web clients of 2020 to 2022 bring React 16 and 17, those since 2023 React 18, and React 19 comes next. Says what the
 * packages are called for a version; React 16 is the one without a number.
 */
export const packagesOf = (version = '') => (version ? [
    {find: /^react-dom(?=\/|$)/, replacement: `react-dom${version}`},
    {find: /^react(?=\/|$)/, replacement: `react${version}`},
    {find: /^react-redux$/, replacement: 'react-redux9'},
    {find: /^redux$/, replacement: 'redux5'},
    {find: /^@testing-library\/react$/, replacement: '@testing-library/react16'},
] : []);
