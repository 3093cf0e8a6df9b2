import {expect} from '@playwright/test';
import type {Locator, Page} from '@playwright/test';

import {byFrame, pluginId} from './settings';

/** The plugin's right-hand sidebar. */
export const rhs = (page: Page): Locator => page.locator('#rhsContainer:has([data-testid="rhs-title"])');
export const rhsTitle = (page: Page): Locator => page.getByTestId('rhs-title');

/** The plugin's button in the channel header, or in the app bar where there is one. */
export const headerIcon = (page: Page): Locator => page.locator(byFrame({'2021': '#channel-header #incidentIcon', '2026': `[id="app-bar-icon-${pluginId}"]:not([aria-disabled="true"])`}));

/** Opens a right-hand sidebar of the host. */
export const openOtherSidebar = (page: Page): Promise<void> => page.locator(byFrame({'2021': '#channelHeaderFlagButton', '2026': '#channel-info-btn'})).click();
export const otherSidebar = (page: Page): Locator => page.locator(byFrame({'2021': '#searchContainer', '2026': '#rhsContainer:not(:has([data-testid="rhs-title"]))'}));

/** What the host marks while the plugin's sidebar is open. */
export const markedIcon = (page: Page): Locator => page.locator(byFrame({
    '2021': '#channel-header .channel-header__icon--active:has(#incidentIcon)', '2026': `[id="app-bar-icon-${pluginId}"].app-bar__icon--active`,
}));
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

/** Selector of the interactive dialog that the server opened, and the start of the ids of its parts. */
export const dialogId = (): string => byFrame({'2021': '#interactiveDialogModal', '2026': '#appsModal'});
export const dialog = (page: Page): Locator => page.locator(dialogId());
export const dialogTitle = (page: Page): Locator => page.locator(`${dialogId()}Label`);
export const dialogIntroduction = (page: Page): Locator => page.locator(`${dialogId()}IntroductionText`);
export const dialogSubmit = (page: Page): Locator => page.locator(byFrame({'2021': '#interactiveDialogSubmit', '2026': '#appsModalSubmit'}));
export const dialogCancel = (page: Page): Locator => page.locator(byFrame({'2021': '#interactiveDialogCancel', '2026': '#appsModalCancel'}));

/** The dialog's first select, with its label and what is said of it. */
export const dialogSelect = (page: Page): Locator => dialog(page).locator(byFrame({
    '2021': '[data-testid="autoCompleteSelector"]', '2026': '.form-group:has([id^="MultiInput_"])',
})).first();
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
    await page.locator(byFrame({'2021': '#sidebarHeaderDropdownButton', '2026': '#sidebarTeamMenuButton'})).click();
    return page.locator('.dropdown-menu');
}

export async function chooseFromMainMenu(page: Page, text: string): Promise<void> {
    await (await openMainMenu(page)).getByText(text, {exact: true}).click();
}

/** Opens the host's menu of a post. */
export async function openPostMenu(page: Page, postId: string): Promise<Locator> {
    await page.locator(`#post_${postId}`).hover();
    await page.locator(`#CENTER_button_${postId}`).click();
    return page.locator(`#post_${postId} .dropdown-menu`);
}

/** Opens the menu of a post that has the plugins' entries. */
export async function openPostActions(page: Page, postId: string): Promise<Locator> {
    await page.locator(`#post_${postId}`).hover();
    await page.locator(byFrame({'2021': `#CENTER_button_${postId}`, '2026': `#CENTER_actions_button_${postId}`})).click();
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
    await dialogSelect(page).getByRole('combobox').fill(text);
    await page.locator(byFrame({'2021': '#suggestionList', '2026': '[id*="-option-"]'})).getByText(text, {exact: true}).click();
}

/** Confirms the dialog and waits until it is gone. */
export async function submit(page: Page): Promise<void> {
    await dialogSubmit(page).click();
    await expect(dialog(page)).toBeHidden();
}

/** Runs `/incident start`, fills the dialog and sends it. */
export async function startBySlash(page: Page, fields: {playbook: string; name: string; description?: string}): Promise<void> {
    await slash(page, '/incident start');
    await fillStart(page, fields);
    await submit(page);
}
