import {allowErrors, backstage, open} from './harness/page';
import {expect, test} from './harness/test';
import {inspect} from './harness/checks';
import {stages} from './harness/workspace';

const rows = '.playbook-item';

test('the heading names the team', async ({page, anna, workspace}) => {
    await workspace.playbook(anna, {title: 'Outage of the shop', checklists: stages(3)});
    await workspace.playbook(anna, {title: 'A very long name of a playbook that does not fit into its column however wide the window may be, so that it is cut off'});
    await open(page, backstage(workspace.team, '/playbooks'));
    const title = page.getByTestId('titlePlaybook');
    await expect(title).toContainText('Playbooks');
    await expect(title).toContainText(workspace.team.display_name);
    await inspect(page, anna, 'playbook-list');
});

test('without playbooks the page explains them', async ({page, anna, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks'));
    await expect(page.getByRole('heading', {name: 'What is a playbook?'})).toBeVisible();
    await inspect(page, anna, 'playbook-list-empty');
    await page.getByRole('link', {name: '+ New Playbook'}).click();
    await expect(page).toHaveURL(/\/playbooks\/new$/);
});

test('sorting begins on the first page again; page and order are in the address', async ({page, anna, workspace}) => {
    for (let n = 1; n <= 16; n++) {
        await workspace.playbook(anna, {title: `Playbook ${String(n).padStart(2, '0')}`, checklists: stages(n % 3)});
    }
    await open(page, backstage(workspace.team, '/playbooks'));
    await expect(page.locator(rows)).toHaveCount(15);
    await expect(page.locator(rows).first()).toContainText('Playbook 01');
    await expect(page.getByText('1 - 15 of 16 total')).toBeVisible();
    await expect(page.getByText('Previous')).toHaveCount(0);
    await page.getByRole('button', {name: 'Next'}).click();
    await expect(page.locator(rows)).toHaveCount(1);
    await expect(page).toHaveURL(/page=2/);
    await page.reload();
    await expect(page.getByText('16 - 16 of 16 total')).toBeVisible();
    await page.getByRole('button', {name: 'Name'}).click();
    await expect(page.locator(rows).first()).toContainText('Playbook 16');
    await expect(page.getByText('1 - 15 of 16 total')).toBeVisible();
    await expect(page.getByRole('columnheader', {name: 'Name'})).toHaveAttribute('aria-sort', 'descending');
    await page.getByRole('button', {name: 'Stages'}).click();
    await expect(page).toHaveURL(/sort=stages/);
    await expect(page.locator(rows).first().getByRole('cell').nth(1)).toHaveText('0');
});

test('browser-back from a playbook keeps page and order of the list', async ({page, anna, workspace}) => {
    for (let n = 1; n <= 16; n++) {
        await workspace.playbook(anna, {title: `Playbook ${String(n).padStart(2, '0')}`});
    }
    await open(page, backstage(workspace.team, '/playbooks'));
    await page.getByRole('button', {name: 'Name'}).click();
    await page.getByRole('button', {name: 'Next'}).click();
    await page.locator(rows).getByRole('link', {name: 'Playbook 01'}).click();
    await expect(page.locator('#playbook-name')).toContainText('Playbook 01');
    await page.goBack();
    await expect(page.locator(rows)).toHaveText([/Playbook 01/]);
    await expect(page.getByText('16 - 16 of 16 total')).toBeVisible();
});

test('the menu of a row lies above the rows below it', async ({page, anna, workspace}) => {
    for (const title of ['First', 'Second', 'Third']) {
        await workspace.playbook(anna, {title});
    }
    await open(page, backstage(workspace.team, '/playbooks'));
    await page.getByRole('button', {name: 'Actions for First'}).click();
    const below = await page.getByRole('button', {name: 'Actions for Second'}).boundingBox();
    if (!below) {
        throw new Error('there is no second row');
    }
    const hitsMenu = await page.evaluate(([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('[role="menu"]')),
        [below.x + (below.width / 2), below.y + (below.height / 2)] as const);
    expect(hitsMenu).toBe(true);
});

test('the menu of a row is worked by keys and leaves the address alone', async ({page, anna, workspace}) => {
    await workspace.playbook(anna, {title: 'Outage'});
    await open(page, backstage(workspace.team, '/playbooks'));
    const address = page.url();
    const dots = page.getByRole('button', {name: 'Actions for Outage'});
    await dots.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', {name: 'Edit'})).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('menuitem', {name: 'Leave'})).toBeFocused();
    await page.keyboard.press('End');
    await expect(page.getByRole('menuitem', {name: 'Delete'})).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toHaveCount(0);
    await expect(dots).toBeFocused();
    expect(page.url()).toBe(address);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect(page.locator('#playbook-name')).toContainText('Outage');
});

test('deleting asks once, tells what was deleted and keeps the next dialog alive', async ({page, anna, workspace}) => {
    await workspace.playbook(anna, {title: 'Alpha'});
    await workspace.playbook(anna, {title: 'Beta'});
    await workspace.playbook(anna, {title: 'Gamma'});
    await open(page, backstage(workspace.team, '/playbooks'));
    const deletions: string[] = [];
    page.on('request', (request) => request.method() === 'DELETE' && deletions.push(request.url()));
    const remove = async (title: string) => {
        await page.getByRole('button', {name: `Actions for ${title}`}).click();
        await page.getByRole('menuitem', {name: 'Delete'}).click();
        await expect(page.locator('#confirmModal')).toContainText(title);
    };
    await remove('Alpha');
    await inspect(page, anna, 'playbook-delete');
    await page.keyboard.press('Escape');
    await expect(page.locator('#confirmModal')).toHaveCount(0);
    await expect(page.locator(rows)).toHaveCount(3);

    await remove('Alpha');
    await expect(page.locator('#confirmModalButton')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('.banner')).toContainText('Alpha');
    await expect(page.locator(rows)).toHaveCount(2);
    expect(deletions).toHaveLength(1);

    await remove('Beta');
    await expect(page.locator('.banner')).toContainText('Alpha');
    await page.locator('#confirmModalButton').click();
    await expect(page.locator('.banner')).toContainText('Beta');
    await expect(page.locator(rows)).toHaveText([/Gamma/]);
    expect(deletions).toHaveLength(2);
});

test('a deletion that fails says so in the dialog', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage'});
    await open(page, backstage(workspace.team, '/playbooks'));
    allowErrors(page, /500/);
    await page.route(`**/api/v0/playbooks/${playbook.id}`, (route) => route.fulfill({status: 500, body: ''}));
    await page.getByRole('button', {name: 'Actions for Outage'}).click();
    await page.getByRole('menuitem', {name: 'Delete'}).click();
    await page.locator('#confirmModalButton').click();
    await expect(page.locator('#confirmModal').getByRole('alert')).toContainText('could not be deleted');
    await page.unroute(`**/api/v0/playbooks/${playbook.id}`);
    await page.locator('#confirmModalButton').click();
    await expect(page.locator('.banner')).toContainText('Outage');
});

test('loading and failing of the list are shown, and it can be tried again', async ({page, anna, workspace}) => {
    await workspace.playbook(anna, {title: 'Outage'});
    allowErrors(page, /500/);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
        release = resolve;
    });
    await page.route('**/api/v0/playbooks?**', async (route) => {
        await held;
        await route.fulfill({status: 500, body: ''});
    });
    await open(page, backstage(workspace.team, '/playbooks'));
    await expect(page.getByText('Loading…')).toBeVisible();
    await inspect(page, anna, 'playbook-list-loading');
    release();
    await expect(page.getByRole('alert').filter({hasText: 'The playbooks could not be loaded.'})).toBeVisible();
    await inspect(page, anna, 'playbook-list-failed');
    await page.unroute('**/api/v0/playbooks?**');
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(page.locator(rows)).toHaveCount(1);
});

for (const [card, url] of [
    ['Blank Playbook', /\/playbooks\/new\?template_title=Blank%20Playbook$/],
    ['Incident Management Playbook', /\/playbooks\/new\?template_title=Incident%20Management%20Playbook$/],
] as const) {
    test(`the card ${card} opens the editor`, async ({page, workspace}) => {
        await open(page, backstage(workspace.team, '/playbooks'));
        await page.getByText(card, {exact: true}).click();
        await expect(page).toHaveURL(url);
        await expect(page.locator('#playbook-name')).toContainText(card === 'Blank Playbook' ? 'Untitled Playbook' : card);
        await expect(page.getByTestId('save_playbook')).toBeVisible();
    });
}

test('creating opens an empty editor', async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, backstage(workspace.team, '/playbooks'));
    await page.getByText('Create a Playbook', {exact: true}).click();
    await expect(page).toHaveURL(/\/playbooks\/new$/);
    await expect(page.getByText('Untitled Playbook', {exact: true})).toBeVisible();
    await expect(page.getByTestId('save_playbook')).toBeVisible();
});
