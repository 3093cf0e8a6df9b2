import tseslint from 'typescript-eslint';
import hooks from 'eslint-plugin-react-hooks';

export default tseslint.config(
    {ignores: ['dist/**', 'node_modules/**']},
    ...tseslint.configs.recommended,
    {
        plugins: {'react-hooks': hooks},
        rules: {
            'react-hooks/rules-of-hooks': 'error',
            'react-hooks/exhaustive-deps': 'error',
            '@typescript-eslint/no-explicit-any': 'error',
            '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_'}],
            eqeqeq: ['error', 'always', {null: 'ignore'}],
        },
    },
);
