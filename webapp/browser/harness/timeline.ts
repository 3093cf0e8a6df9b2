import {expect} from '@playwright/test';
import type {Locator, Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {channelPath, open} from './page';
import type {Person} from './person';
import {rhsTitle} from './screen';
import {closeStage, editPost, goToStage, stages, updateStatus, writePost} from './workspace';
import type {Workspace} from './workspace';

export interface Entry {
    id: string;
    version: number;
}

export type NewEntry = {text?: string; happened_at?: number; post_id?: string; starred?: boolean};

export const MINUTE = 60_000;

export const add = (by: Person, {id}: {id: string}, entry: NewEntry) => by.plugin<Entry>('POST', `/incidents/${id}/timeline`, entry);
export const timeline = (page: Page): Locator => page.getByTestId('incident-timeline');
export const entries = (page: Page, text?: string): Locator => {
    const all = timeline(page).getByTestId('timeline-entry');
    return text === undefined ? all : all.filter({hasText: text});
};
export const what = (page: Page): Locator => timeline(page).getByLabel('What happened?');
export const menuOf = (row: Locator): Locator => row.getByRole('button', {name: 'Actions of the entry'});
export const starOf = (row: Locator): Locator => row.getByRole('button', {name: 'Key moment'});
export const newest = (page: Page): Locator => timeline(page).getByTestId('timeline-newest');

/** Opens the timeline in the sidebar of the incident's channel. */
export async function openTimeline(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('timeline').click();
    await expect(entries(page).first()).toBeVisible();
}

/** Counts the readings of a timeline. */
export function countReadings(page: Page): string[] {
    const asked: string[] = [];
    page.on('request', (request) => request.method() === 'GET' && (/\/timeline(\?|$)/).test(request.url()) && asked.push(new URL(request.url()).search));
    return asked;
}

export async function chooseFromMenu(row: Locator, text: string): Promise<void> {
    await row.hover();
    await menuOf(row).click();
    await row.page().getByRole('menuitem', {name: text, exact: true}).click();
}

/** An incident in which something has happened. */
export async function eventful(workspace: Workspace, anna: Person, boris: Person): Promise<Incident> {
    const incident = await workspace.staged(anna, stages(2), {name: 'Checkout is slow'});
    await workspace.invite(anna, incident, boris);
    await closeStage(boris, incident, 0);
    await goToStage(anna, incident, 1);
    await updateStatus(anna, incident, 'Payments are **slow**. The next update comes in 30 minutes.');
    const post = await writePost(boris, incident.channel_id, 'The slow queries began with the release of 14:05.\n\nThe new index is missing.');
    await add(anna, incident, {post_id: post.id, starred: true});
    await editPost(boris, post, 'The slow queries began with the release of 14:15.\n\nThe new index is missing.');
    await add(boris, incident, {text: 'The payment provider called: they see timeouts from our side since 14:02.', happened_at: Date.now() - (20 * MINUTE)});
    const wrong = await add(boris, incident, {text: 'A wrong guess'});
    await boris.plugin('DELETE', `/incidents/${incident.id}/timeline/${wrong.id}`);
    return incident;
}
