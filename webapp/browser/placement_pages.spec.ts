import type {Locator, Page} from '@playwright/test';

import {reachable} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {rhs} from './harness/screen';
import {expect, test} from './harness/test';
import {add, entries, menuOf, timeline} from './harness/timeline';
import {endIncident, stages, updateStatus} from './harness/workspace';

/** Opens something and fails unless the first and the last of its entries can be seen and pressed, after scrolling in it at most. */
async function expectWhole(page: Page, opener: Locator): Promise<void> {
    await opener.evaluate((element) => element.scrollIntoView({block: 'center'}));
    await opener.click({timeout: 8_000});
    const choices = page.locator('[class*="popup-module-popup"] :is([role^=menuitem], [role=option])');
    await expect(choices.first()).toBeVisible();
    for (const one of [choices.last(), choices.first()]) {
        await expect.poll(async () => {
            await one.evaluate((element) => element.scrollIntoView({block: 'nearest'}));
            return (await reachable(one)).length;
        }, {message: `an entry below ${opener}`, timeout: 8_000}).toBe(1);
    }
    const search = page.locator('[class*="popup-module-popup"] [role=combobox]');
    if (await search.count() > 0) {
        await expect.poll(async () => (await reachable(search)).length, {message: `the search below ${opener}`, timeout: 8_000}).toBe(1);
    }
    await page.keyboard.press('Escape');
    await expect(choices).toHaveCount(0);
}

/** All of ours as in a language that is read from right to left. */
const turn = (page: Page) => page.evaluate(() => {
    const all = () => document.querySelectorAll('div[class*="root-module-root"][dir="ltr"]').forEach((root) => root.setAttribute('dir', 'rtl'));
    all();
    new MutationObserver(all).observe(document.body, {childList: true, subtree: true});
});

// Halves of common windows are what is left at a zoom of 200 %.
for (const [width, height, direction] of [[683, 325, 'ltr'], [512, 360, 'rtl'], [960, 500, 'rtl'], [320, 480, 'ltr']] as const) {
    test(`menus and lists of the newer screens are whole at ${width} × ${height}, ${direction}`, async ({page, anna, boris, workspace}) => {
        await page.setViewportSize({width, height});
        const level = (key: string) => ({key, name: key, description: '', color: 'red' as const, update_seconds: 0});
        const playbook = await workspace.playbook(anna, {
            checklists: stages(2), severity: {levels: [level('SEV1'), level('SEV2')], default: 'SEV2'},
            roles: [{key: 'ops', name: 'Operations', description: '', default: {kind: 'user', user_id: anna.id}}],
        });
        const incident = await workspace.incident(anna, {playbook_id: playbook.id});
        await workspace.invite(anna, incident, boris);
        await updateStatus(anna, incident, 'Looking into it.', 900);
        for (let number = 1; number <= 12; number++) {
            await add(anna, incident, {text: `Entry ${number}`});
        }
        for (let number = 1; number <= 5; number++) {
            await anna.plugin('POST', `/incidents/${incident.id}/followups`, {title: `Follow-up ${number}`, owner_id: anna.id});
        }
        const show = async (path: string) => {
            await open(page, path);
            if (direction === 'rtl') {
                await turn(page);
            }
        };
        await show(channelPath(workspace.team, incident.channel_id));
        if (width < 768) {
            await page.locator('#navbar').getByRole('button', {name: 'Incidents'}).click();
        }
        await expect(rhs(page).getByTestId('rhs-title')).toBeVisible();
        await expectWhole(page, rhs(page).getByTestId('snooze'));
        await expectWhole(page, rhs(page).getByTitle('Change the commander'));
        await expectWhole(page, rhs(page).getByTestId('role').locator('.Assigned-button'));
        await page.getByTestId('timeline').click();
        await expect(entries(page, 'Entry 12')).toBeVisible();
        await expectWhole(page, timeline(page).getByRole('button', {name: /Everybody|Person/}).first());
        for (const text of ['Entry 12', 'Entry 6']) {
            await entries(page, text).hover();
            await expectWhole(page, menuOf(entries(page, text)));
        }

        await show(backstage(workspace.team, '/followups'));
        await expect(page.getByTestId('followup')).toHaveCount(5);
        for (const name of [/^Open/, /teams$/, /playbooks$/]) {
            await expectWhole(page, page.getByRole('group', {name: 'Filters'}).getByRole('button', {name}));
        }
        await expectWhole(page, page.getByRole('button', {name: 'More for Follow-up 1'}));
        await expectWhole(page, page.getByRole('button', {name: 'More for Follow-up 5'}));
        await show(backstage(workspace.team, '/incidents'));
        await expectWhole(page, page.getByTestId('severity-filter'));
        await show(backstage(workspace.team, '/playbooks'));
        await expect(page.getByText(playbook.title)).toBeVisible();
        await expectWhole(page, page.locator('[data-testid=incidentPages] [aria-haspopup=menu]').last());
        await show(backstage(workspace.team, `/playbooks/${playbook.id}`));
        await page.getByRole('tab', {name: 'Preferences'}).click();
        await expectWhole(page, page.locator('#playbook-preferences-broadcast-channel button').first());
        await page.getByRole('tab', {name: 'Severity'}).click();
        await expectWhole(page, page.getByRole('button', {name: 'Actions for the level SEV2'}));
        await page.getByRole('tab', {name: 'Roles'}).click();
        await expectWhole(page, page.getByTitle('Choose a person'));
        await page.getByRole('tab', {name: 'Channel'}).click();
        await expectWhole(page, page.getByRole('button', {name: 'Add a Person'}));
        await endIncident(anna, incident);
        await show(backstage(workspace.team, `/incidents/${incident.id}#retrospective`));
        await expectWhole(page, page.getByTestId('retrospective').locator('.icon-dots-vertical').first());
    });
}
