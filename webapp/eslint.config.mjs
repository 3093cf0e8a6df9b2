import {readdirSync} from 'node:fs';
import path from 'node:path';

import formatjs from 'eslint-plugin-formatjs';
import importPlugin from 'eslint-plugin-import';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

import pressedKey from './scripts/eslint_pressed_key.mjs';

// Imports point inwards only: app → features → list of capabilities → capabilities → incident, playbook → people → realtime →
// store → query → client → types; ui, query and host know no product words.
const data = ['query', 'store', 'realtime'];
const zone = (target, from, message) => ({target: `./src/${target}`, from: from.map((f) => `./src/${f}`), message});
const foldersOf = (folder) => readdirSync(path.join(import.meta.dirname, 'src', folder), {withFileTypes: true}).filter((entry) => entry.isDirectory()).map(({name}) => name);
const features = foldersOf('features');
const capabilities = foldersOf('capabilities');
const parts = ['incident', 'playbook'];
const above = ['capabilities', 'features', 'app'];
const core = foldersOf('.').filter((folder) => folder !== 'capabilities');

export default tseslint.config(
    {ignores: ['dist/', 'node_modules/', 'coverage/']},
    {
        files: ['src/**/*.{ts,tsx}'],
        extends: [...tseslint.configs.strict],
        plugins: {import: importPlugin, 'jsx-a11y': jsxA11y, 'react-hooks': reactHooks, formatjs, incident: {rules: {'pressed-key': pressedKey}}},
        languageOptions: {parserOptions: {project: './tsconfig.json', tsconfigRootDir: import.meta.dirname}},
        settings: {'import/resolver': {typescript: {project: './tsconfig.json'}}},
        rules: {
            ...jsxA11y.configs.strict.rules,
            ...reactHooks.configs.recommended.rules,
            'react-hooks/exhaustive-deps': 'error',
            // Focus is moved into what the user has just opened; that is wanted.
            'jsx-a11y/no-autofocus': 'off',
            '@typescript-eslint/no-explicit-any': 'error',
            '@typescript-eslint/consistent-type-imports': 'off',
            '@typescript-eslint/no-floating-promises': 'error',
            '@typescript-eslint/no-invalid-void-type': 'off',
            '@typescript-eslint/no-dynamic-delete': 'off',
            'formatjs/enforce-id': 'off',
            'formatjs/enforce-default-message': ['error', 'literal'],
            'formatjs/enforce-placeholders': 'error',
            'import/no-cycle': 'error',
            'import/order': ['error', {
                groups: ['builtin', 'external', 'internal', ['parent', 'sibling', 'index']],
                pathGroups: [{pattern: 'src/**', group: 'internal'}],
                'newlines-between': 'always',
                pathGroupsExcludedImportTypes: [],
            }],
            'import/no-restricted-paths': ['error', {zones: [
                zone('types', ['client', 'host', 'state', ...data, 'people', 'ui', ...parts, ...above], 'types import nothing'),
                zone('client', ['host', 'state', ...data, 'people', 'ui', ...parts, ...above], 'client imports types only'),
                zone('ui', ['client', 'state', ...data, 'people', ...parts, ...above], 'ui knows no product words'),
                zone('host', ['client', 'state', ...data, 'people', 'ui', ...parts, ...above], 'host only wraps the web client'),
                zone('state', ['client', ...data, 'people', 'ui', ...parts, ...above], 'state imports types and host only'),
                zone('query', ['host', 'state', 'store', 'realtime', 'people', 'ui', ...parts, ...above], 'query knows no product words'),
                zone('store', ['realtime', 'people', 'ui', ...parts, ...above], 'store imports query, client, host, state, types'),
                zone('realtime', ['people', 'ui', ...parts, ...above], 'realtime imports store and what store imports'),
                zone('people', [...parts, ...above], 'people are used by all screens'),
                ...parts.map((one) => zone(one, above, 'what several screens use imports none of them')),
                zone('capabilities', ['features', 'app'], 'capabilities are built on the core below the screens'),
                ...core.map((one) => zone(one, capabilities.map((folder) => `capabilities/${folder}`), 'the core imports no capability, in its tests neither; it has the list')),
                ...capabilities.map((one) => zone(`capabilities/${one}`, [...capabilities.filter((other) => other !== one).map((other) => `capabilities/${other}`), 'capabilities/all.ts'], 'capabilities do not import each other')),
                zone('features', ['app'], 'features do not import app'),
                ...features.map((f) => zone(`features/${f}`, features.filter((o) => o !== f).map((o) => `features/${o}`), 'features do not import each other')),
            ]}],
            'max-lines': ['error', {max: 300, skipBlankLines: true, skipComments: true}],
            'incident/pressed-key': 'error',
            eqeqeq: 'error',
            'no-console': 'error',
        },
    },
    {
        files: ['browser/**/*.ts'],
        extends: [...tseslint.configs.strict],
        plugins: {import: importPlugin},
        languageOptions: {parserOptions: {project: './tsconfig.json', tsconfigRootDir: import.meta.dirname}},
        rules: {
            '@typescript-eslint/no-explicit-any': 'error',
            '@typescript-eslint/no-floating-promises': 'error',
            '@typescript-eslint/no-invalid-void-type': 'off',
            'import/no-cycle': 'error',
            'max-lines': ['error', {max: 400}],
            eqeqeq: 'error',
        },
    },
    {
        files: ['src/**/*.test.{ts,tsx}', 'src/testing/**'],
        rules: {
            'max-lines': ['error', {max: 400}],
            '@typescript-eslint/no-non-null-assertion': 'off',
        },
    },
    {
        files: ['src/host/keys.ts'],
        rules: {'incident/pressed-key': 'off'},
    },
);
