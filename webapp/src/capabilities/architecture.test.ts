// @vitest-environment node

import {readdirSync, readFileSync} from 'fs';
import path from 'path';

import {ESLint, Linter} from 'eslint';
import {expect, it} from 'vitest';

import {capabilities} from 'src/capabilities/all';
import {startParts} from 'src/capabilities/at_start';

const HERE = __dirname;
const folders = readdirSync(HERE, {withFileTypes: true}).filter((entry) => entry.isDirectory()).map(({name}) => name);

it('each folder is in the list, by one import and one line', () => {
    const list = readFileSync(path.join(HERE, 'all.ts'), 'utf8').split('\n');
    expect(capabilities.map(({name}) => name).sort()).toEqual(folders);
    folders.forEach((folder) => {
        const imports = list.filter((line) => line.endsWith(`from 'src/capabilities/${folder}';`));
        expect(imports, folder).toHaveLength(1);
        const [, name] = (/^import \{(\w+)\} from/).exec(imports[0] ?? '') ?? [];
        expect(list.filter((line) => line === `    ${name},`), folder).toHaveLength(1);
    });
});

it('what is loaded at the start is listed in the same way, and is nothing else of a capability', () => {
    const list = readFileSync(path.join(HERE, 'at_start.ts'), 'utf8').split('\n');
    const imports = list.filter((line) => line.startsWith('import ') && !line.endsWith("from 'src/capabilities/capability';"));
    expect(imports.length).toBe(startParts.length);
    imports.forEach((line) => {
        const [, name, folder] = (/^import \{(\w+)\} from 'src\/capabilities\/(\w+)\/at_start';$/).exec(line) ?? [];
        expect(folders, line).toContain(folder);
        expect(list.filter((one) => one === `    ${name},`), line).toHaveLength(1);
    });
});

it('no two of them have the same tab or page', () => {
    const unique = (keys: string[]) => expect(new Set(keys).size).toBe(keys.length);
    unique(['summary', 'tasks', ...capabilities.flatMap(({sidebarTab}) => sidebarTab?.key ?? [])]);
    unique(['tasks', ...capabilities.flatMap(({editorTab}) => editorTab?.key ?? [])]);
    unique(capabilities.flatMap(({pages}) => pages ?? []).map(({path: one}) => one));
    unique(startParts.flatMap(({events = [], postAction}) => [...events, postAction?.testId ?? []].flat()));
});

it('the linter keeps capabilities apart from the core and from each other', async () => {
    const [config] = await Promise.all([new ESLint().calculateConfigForFile('src/index.tsx')]) as [Linter.Config];
    const linter = new Linter();
    const broken = (file: string, imported: string) => linter.verify(
        `export const loaded = import('src/${imported}');`,
        [{files: ['**/*.ts'], plugins: config.plugins, settings: config.settings, rules: {'import/no-restricted-paths': config.rules?.['import/no-restricted-paths'] ?? 'off'}}],
        path.resolve(`src/${file}`),
    ).map(({ruleId, message}) => `${ruleId}: ${message}`);
    const ok = [
        ['capabilities/all.ts', 'capabilities/export'],
        ['capabilities/export/new.ts', 'capabilities/export/client'],
        ['capabilities/export/new.ts', 'capabilities/capability'],
        ['capabilities/export/new.ts', 'incident/progress'],
        ['features/incident_page/new.ts', 'capabilities/all'],
        ['app/new.ts', 'capabilities/all'],
        ['app/new.ts', 'capabilities/at_start'],
    ] as const;
    ok.forEach(([file, imported]) => expect(broken(file, imported), `${file} imports ${imported}`).toEqual([]));
    const no = [
        ['capabilities/export/new.ts', 'capabilities/status'],
        ['capabilities/export/new.test.ts', 'capabilities/status/use_update'],
        ['capabilities/export/new.ts', 'capabilities/all'],
        ['capabilities/export/new.ts', 'features/incident_page/incident_page'],
        ['features/incident_page/new.ts', 'capabilities/status/updates'],
        ['app/new.ts', 'capabilities/export'],
        ['incident/new.ts', 'capabilities/all'],
        ['incident/new.ts', 'capabilities/export/client'],
        ['testing/new.ts', 'capabilities/export/client'],
    ] as const;
    no.forEach(([file, imported]) => expect(broken(file, imported), `${file} imports ${imported}`).not.toEqual([]));
});
