import {allowErrors, backstage, channelPath, open} from './harness/page';
import {rhs, rhsTitle, tasks} from './harness/screen';
import {expect, test} from './harness/test';
import {readIncident, stages} from './harness/world';

test('a half-typed task and the view of the sidebar outlast a reload', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(1));
    await open(page, channelPath(world.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('tasks').click();
    await page.getByTestId('add-task').click();
    await rhs(page).getByLabel('Name').fill('Half a ta');
    await rhs(page).getByLabel(/^Slash command/).fill('/echo');
    await page.reload();
    await expect(page.getByTestId('tasks')).toHaveAttribute('aria-selected', 'true');
    await expect(rhs(page).getByLabel('Name')).toHaveValue('Half a ta');
    await expect(rhs(page).getByLabel(/^Slash command/)).toHaveValue('/echo');
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(tasks(page, 'Half a ta')).toBeVisible();
    await expect(rhs(page).getByLabel('Name')).toHaveCount(0); // the event may come before the answer
    await page.reload();
    await expect(tasks(page, 'Half a ta')).toBeVisible();
    await expect(rhs(page).getByLabel('Name')).toHaveCount(0);
});

test('an unsaved playbook outlasts a reload, and can be discarded', async ({page, anna, world}) => {
    const playbook = await world.playbook(anna, {title: 'Outage'});
    page.on('dialog', (dialog) => void dialog.accept());
    await open(page, backstage(world.team, `/playbooks/${playbook.id}`));
    await page.getByPlaceholder('Task Name').first().fill('Another name');
    // What stands in a field that is still open counts too.
    await page.locator('#playbook-name .editable-trigger').click();
    await page.locator('#playbook-name .editable-input').fill('Half a na');
    await page.reload();
    await expect(page.getByPlaceholder('Task Name').first()).toHaveValue('Another name');
    await expect(page.locator('#playbook-name')).toContainText('Half a na');
    await expect(page.getByText('Your changes from before were kept.')).toBeVisible();
    await page.getByRole('button', {name: 'Discard them'}).click();
    await expect(page.locator('#playbook-name')).toContainText('Outage');
    await expect(page.getByPlaceholder('Task Name').first()).toHaveValue('First task one');
    await page.reload();
    await expect(page.locator('#playbook-name')).toContainText('Outage');
    await expect(page.getByText('Your changes from before were kept.')).toHaveCount(0);
});

test('back from an editor whose changes are discarded goes back once, and pages name themselves', async ({page, anna, world}) => {
    const playbook = await world.playbook(anna, {title: 'Outage'});
    const incident = await world.incident(anna, {name: 'Checkout is down'});
    await open(page, backstage(world.team, '/incidents'));
    await expect(page).toHaveTitle(`Incidents - ${world.team.display_name}`);
    await page.getByTestId('playbooksLHSButton').click();
    await expect(page).toHaveTitle(`Playbooks - ${world.team.display_name}`);
    await page.getByRole('link', {name: 'Outage'}).click();
    await expect(page).toHaveTitle(`Outage - ${world.team.display_name}`);
    await page.getByPlaceholder('Task Name').first().fill('Another name');
    await page.goBack();
    await page.getByRole('button', {name: 'Discard Changes'}).click();
    await expect(page).toHaveURL(/\/playbooks$/);
    await page.goBack();
    await expect(page).toHaveURL(/\/incidents$/);
    await page.goForward();
    await page.goForward();
    await expect(page).toHaveURL(new RegExp(`/playbooks/${playbook.id}$`));
    await expect(page.getByPlaceholder('Task Name').first()).toHaveValue('First task one');
    await open(page, backstage(world.team, `/incidents/${incident.id}`));
    await expect(page).toHaveTitle(`Checkout is down - ${world.team.display_name}`);
    await page.getByTestId('icon-arrow-left').click();
    await page.locator('.close-icon').click();
    await expect(page).not.toHaveTitle(/^(Incidents|Checkout)/);
});

test('a session that has ended says so, leads to the login and keeps what was typed', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(1));
    await open(page, channelPath(world.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    await page.getByTestId('add-task').click();
    await rhs(page).getByLabel('Name').fill('Not lost');
    allowErrors(page, /401/);
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(rhs(page).getByRole('alert')).toContainText('Your session has ended. Sign in again.');
    const link = rhs(page).getByRole('link', {name: 'Sign in'});
    expect(decodeURIComponent(await link.getAttribute('href') ?? '')).toMatch(new RegExp(`^(/[^/]+)?/login\\?redirect_to=/${world.team.name}/channels/`));
    await link.click();
    await expect(page.locator('#loginId')).toBeVisible();
    await page.context().addCookies(cookies);
    await open(page, channelPath(world.team, incident.channel_id));
    await expect(rhs(page).getByLabel('Name')).toHaveValue('Not lost');
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(tasks(page, 'Not lost')).toBeVisible();
    expect((await readIncident(anna, incident)).checklists[0]?.items.map(({title}) => title)).toContain('Not lost');
});

test('a request that hangs lets later changes of the same task pass', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(1));
    await open(page, channelPath(world.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    let held = 0;
    await page.route(/\/state$/, (route) => (held++ === 0 ? undefined : route.continue()));
    const box = tasks(page, 'First task one').getByRole('checkbox');
    await box.click();
    await expect(box).toBeChecked();
    await expect(rhs(page).getByRole('alert')).toContainText('The server did not answer in time.');
    await expect(box).not.toBeChecked();
    await box.click();
    await expect(async () => {
        expect((await readIncident(anna, incident)).checklists[0]?.items[0]?.state).toBe('closed');
    }).toPass();
});

test('a name that is cut in a list can be read', async ({page, anna, world}) => {
    await page.setViewportSize({width: 1024, height: 700});
    const long = `Outage ${'W'.repeat(57)}`;
    await world.playbook(anna, {title: `${long} ${long}`});
    await world.playbook(anna, {title: 'Short'});
    await world.incident(anna, {name: long});
    for (const [list, name, told] of [['/playbooks', `${long} ${long}`, `${long} ${long}`], ['/playbooks', 'Short', ''], ['/incidents', long, long]] as const) {
        await open(page, backstage(world.team, list));
        const link = page.getByRole('link', {name, exact: true});
        const box = await link.boundingBox();
        await page.mouse.move((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
        await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 10);
        await expect(link).toHaveAttribute('title', told);
    }
});

test('forced colours show the focus of a menu, the choice of Enter and the stages', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(3));
    await page.emulateMedia({forcedColors: 'active'});
    await open(page, channelPath(world.team, incident.channel_id));
    const segments = rhs(page).locator('#incidentRHSStages ol li');
    await expect(segments.nth(0)).toHaveCSS('border-top-width', '3px');
    await expect(segments.nth(1)).toHaveCSS('border-top-width', '1px');
    await rhs(page).locator('.Assigned-button').click();
    await expect(rhs(page).locator('.incident-user-select__option').first()).toHaveCSS('outline-style', 'solid');
    await page.screenshot({path: '../dist/browser/screenshots/forced-colors-picker.png'});
    await page.keyboard.press('Escape');
    await page.getByTestId('tasks').click();
    await tasks(page, 'First task one').getByRole('button', {name: /^More for the task/}).click();
    await expect(rhs(page).getByRole('menuitem', {name: 'Edit'})).toHaveCSS('outline-style', 'solid');
    await page.screenshot({path: '../dist/browser/screenshots/forced-colors-menu.png'});
});
