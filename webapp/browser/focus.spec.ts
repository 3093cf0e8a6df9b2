import {backstage, open} from './harness/page';
import {expect, test} from './harness/test';

test('a button that its own press makes impossible keeps the focus', async ({page, anna, workspace}) => {
    const role = (name: string) => ({key: name.toLowerCase(), name, description: '', default: {kind: 'none' as const, user_id: ''}});
    const playbook = await workspace.playbook(anna, {roles: [role('First'), role('Second')]});
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('tab', {name: 'Roles'}).click();
    for (const name of ['Move up: Second', 'Move down: Second']) {
        const button = page.getByRole('button', {name});
        await button.focus();
        await page.keyboard.press('Enter');
        await expect(button).toHaveAttribute('aria-disabled', 'true');
        await expect(button).toBeFocused();
    }
    await page.getByRole('tab', {name: 'Retrospective'}).click();
    const headings = page.getByLabel(/^Heading of section/);
    await expect(headings).toHaveCount(7);
    for (const name of ['Move up: Impact', 'Take out: Impact']) {
        await page.getByRole('button', {name}).focus();
        await page.keyboard.press('Enter');
        if (name.startsWith('Move')) {
            await expect(page.getByRole('button', {name})).toBeFocused();
        }
    }
    await expect(headings).toHaveCount(6);
    await expect(headings.first()).toBeFocused();
});

test('Back over a dialog of the editor asks for the changes, with the focus and the keys', async ({page, anna, workspace}) => {
    const role = {key: 'ops', name: 'Operations', description: '', default: {kind: 'none' as const, user_id: ''}};
    const playbook = await workspace.playbook(anna, {roles: [role], checklists: [{title: 'First', items: [{title: 'Mend it', assignment: {kind: 'role', role: 'ops'}}]}]});
    await open(page, backstage(workspace.team, '/playbooks'));
    await page.getByRole('link', {name: playbook.title}).click();
    await page.getByRole('tab', {name: 'Roles'}).click();
    await page.getByLabel('Name of role 1').fill('Ops');
    await page.getByRole('button', {name: 'Remove: Ops'}).click();
    const removal = page.getByRole('dialog', {name: 'Remove this role?'});
    await expect(removal).toBeVisible();
    const question = page.getByRole('dialog', {name: 'Discard your changes?'});
    const back = () => page.evaluate(() => window.history.back());
    await back();
    await expect(question.getByRole('button', {name: 'Discard Changes'})).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(question).toHaveCount(0);
    await expect(removal.getByRole('button', {name: 'Remove Role'})).toBeFocused();
    await back();
    await expect(question).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);
});
