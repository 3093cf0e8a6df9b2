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
