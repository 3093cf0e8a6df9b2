import {expect} from '@playwright/test';
import type {Locator, Page} from '@playwright/test';

/** The plugin's right-hand sidebar. */
export const rhs = (page: Page): Locator => page.locator('#rhsContainer');
export const rhsTitle = (page: Page): Locator => page.getByTestId('rhs-title');

/** The plugin's button in the channel header. */
export const headerIcon = (page: Page): Locator => page.locator('#channel-header #incidentIcon');
export const listed = (page: Page): Locator => rhs(page).locator('[class^="IncidentContainer"]');
export const stageBlock = (page: Page): Locator => rhs(page).locator('#incidentRHSStages');
export const updates = (page: Page): Locator => rhs(page).locator('#incidentRHSUpdates');
export const footer = (page: Page): Locator => rhs(page).locator('#incidentRHSFooter');
export const dots = (within: Locator): Locator => within.locator('.icon-dots-vertical');
export const openMenu = (page: Page): Locator => page.locator('[class^="DropdownMenu"]');

/** The rows of the tasks, with a title if one is given. */
export function tasks(page: Page, title?: string): Locator {
    const all = rhs(page).getByTestId('task');
    return title === undefined ? all : all.filter({hasText: title});
}

/** The interactive dialog that the server opened. */
export const dialog = (page: Page): Locator => page.locator('#interactiveDialogModal');
export const posts = (page: Page): Locator => page.locator('#postListContent').getByTestId('postView');

/** Private messages in the open channel, with a text if one is given. */
export function ephemeral(page: Page, text?: string | RegExp): Locator {
    const all = posts(page).filter({has: page.locator('.post__visibility')});
    return text === undefined ? all : all.filter({hasText: text});
}

/** Writes a message or a command into the message box and sends it. */
export async function slash(page: Page, text: string): Promise<void> {
    await page.getByTestId('post_textbox').fill(text);
    await page.locator('#post-create').getByRole('button', {name: 'Send'}).click();
    await expect(page.getByTestId('post_textbox')).toHaveValue('');
}

/** Goes to a channel from the list of channels. */
export async function goTo(page: Page, channelName: string): Promise<void> {
    await page.locator(`#sidebarItem_${channelName}`).click();
    await expect(page).toHaveURL(new RegExp(`/(channels|messages)/@?${channelName}$`));
}

export async function openMainMenu(page: Page): Promise<Locator> {
    await page.locator('#sidebarHeaderDropdownButton').click();
    return page.locator('.dropdown-menu');
}

export async function chooseFromMainMenu(page: Page, text: string): Promise<void> {
    await (await openMainMenu(page)).getByText(text, {exact: true}).click();
}

/** Opens the menu of a post and clicks what has the locator in it. */
export async function openPostMenu(page: Page, postId: string): Promise<Locator> {
    await page.locator(`#post_${postId}`).hover();
    await page.locator(`#CENTER_button_${postId}`).click();
    return page.locator(`#post_${postId} .dropdown-menu`);
}

/** Fills the dialog that starts an incident; does not send it. */
export async function fillStart(page: Page, fields: {playbook?: string; name?: string; description?: string}): Promise<void> {
    await expect(dialog(page)).toBeVisible();
    if (fields.playbook !== undefined) {
        await choose(page, fields.playbook);
    }
    if (fields.name !== undefined) {
        await page.getByTestId('incidentNameinput').fill(fields.name);
    }
    if (fields.description !== undefined) {
        await page.getByTestId('incidentDescriptioninput').fill(fields.description);
    }
}

/** Chooses an option of the dialog's select by its text. */
export async function choose(page: Page, text: string): Promise<void> {
    await dialog(page).getByTestId('autoCompleteSelector').getByRole('combobox').fill(text);
    await page.locator('#suggestionList').getByText(text, {exact: true}).click();
}

/** Confirms the dialog and waits until it is gone. */
export async function submit(page: Page): Promise<void> {
    await page.locator('#interactiveDialogSubmit').click();
    await expect(dialog(page)).toBeHidden();
}

/** Runs `/incident start`, fills the dialog and sends it. */
export async function startBySlash(page: Page, fields: {playbook: string; name: string; description?: string}): Promise<void> {
    await slash(page, '/incident start');
    await fillStart(page, fields);
    await submit(page);
}
